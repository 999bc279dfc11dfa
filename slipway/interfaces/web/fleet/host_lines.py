"""One line to copy: what helps a host that was checked and is not ready, typed on that host."""

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from slipway.core.words.sentence import Sentence
from slipway.ports import HostDenied, HostIncapable

if TYPE_CHECKING:
    from slipway.records.fleet.known_hosts import KnownHost

_KEY_FILES = {"ssh-ed25519": "ed25519", "ssh-rsa": "rsa"}


@dataclass(frozen=True, slots=True)
class HostLine:
    """`says` is what it is for, and as whom it is typed."""

    says: str
    line: str


def line_for(problem: Sentence | None, host: "KnownHost") -> HostLine | None:
    """Return the line that puts `problem` right, None where no single one does. All that people
    typed is quoted: it is for a shell."""
    if problem is None:
        return None
    values = {"host": host.name, "user": host.user}
    if problem.code == HostDenied.code:
        return HostLine(
            _("On %(host)s, as %(user)s: it lets our key in, and changes nothing else.") % values,
            f"umask 077; mkdir -p ~/.ssh && echo {shlex.quote(host.public_key.strip())}"
            " >> ~/.ssh/authorized_keys",
        )
    if problem.code == HostIncapable.code and host.facts:
        return _what_it_lacks(host)
    return None


def compare_line(host_key: str) -> str:
    """Return what shows, on the host itself, the fingerprint that was learnt; "" for no key."""
    kind = host_key.partition(" ")[0]
    if not kind:
        return ""
    return f"ssh-keygen -lf /etc/ssh/ssh_host_{_KEY_FILES.get(kind, 'ecdsa')}_key.pub"


def _what_it_lacks(host: "KnownHost") -> HostLine | None:
    values, user, root = {"host": host.name}, shlex.quote(host.user), shlex.quote(host.root)
    if host.become == "sudo" and not host.facts.get("can_become_root"):
        rule = shlex.quote(f"{host.user} ALL=(ALL) NOPASSWD: ALL")
        return HostLine(
            _("On %(host)s, as root: it lets the user become root without a password.") % values,
            f"echo {rule} > /etc/sudoers.d/slipway && chmod 440 /etc/sudoers.d/slipway",
        )
    if host.facts.get("root_writable") is False:
        return HostLine(
            _("On %(host)s, as root: it makes the folder and gives it to the user.") % values,
            f"mkdir -p {root} && chown {user}: {root}",
        )
    return None

"""What was tried on the first host, one after the other, with what was heard."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from slipway.interfaces.web.fleet.hosts import fingerprint
from slipway.interfaces.web.frame.words import FAIL, OK, WAIT, size
from slipway.ports import (
    HostDenied,
    HostGarbled,
    HostIncapable,
    HostKeyChanged,
    HostUnreachable,
    OursAtFault,
)

if TYPE_CHECKING:
    from slipway.records.fleet.known_hosts import CheckFacts, KnownHost

LEAST_ROOM = 2**20  # bytes


@dataclass(frozen=True, slots=True)
class Trial:
    """One thing that was tried: `mark` is ok, fail, or wait where it was not come to."""

    what: str
    mark: str
    heard: str


def trials_of(host: "KnownHost", check: "CheckFacts | None") -> tuple[Trial, ...]:
    """Return what the last look found, as far as it came: nothing is green that was not tried."""
    is_over = check is not None and check.is_over
    if check is None or not is_over:
        return tuple(_trials(host, code="", is_over=is_over, was_let_in=False, has_seen=False))
    has_seen = check.ok is True or check.code == HostIncapable.code
    was_let_in = has_seen or check.code == HostGarbled.code
    return tuple(
        _trials(
            host,
            code=check.code,
            is_over=is_over,
            was_let_in=was_let_in,
            has_seen=has_seen and bool(host.facts),
        )
    )


def _trials(
    host: "KnownHost", *, code: str, is_over: bool, was_let_in: bool, has_seen: bool
) -> Iterator[Trial]:
    yield _answer(host, code, is_over=is_over, was_let_in=was_let_in)
    later, user = _("asked after the login"), {"user": host.user}
    login = _("Login as %(user)s") % user
    if was_let_in:
        yield Trial(login, OK, _("let in with the key %(key)s") % {"key": host.key})
    elif code == HostDenied.code:
        yield Trial(login, FAIL, _("not let in"))
    else:
        yield Trial(login, WAIT, later)
    if has_seen:
        yield from _found(host)
        return
    names = (_("What a release needs"), _("Its folder"), _("Room"))
    yield from (Trial(name, WAIT, later) for name in names)


def _answer(host: "KnownHost", code: str, *, is_over: bool, was_let_in: bool) -> Trial:
    """A key that was learnt once says nothing about the last look."""
    title, key = _("It answers, and its key is learnt"), fingerprint(host.host_key)
    if key and (was_let_in or code == HostDenied.code):
        return Trial(title, OK, key)
    is_unheard = is_over and code != OursAtFault.code
    heard = {HostUnreachable.code: _("no answer"), HostKeyChanged.code: _("it shows another key")}
    return Trial(title, FAIL if is_unheard else WAIT, heard.get(code, key or _("not learnt yet")))


def _found(host: "KnownHost") -> Iterator[Trial]:
    facts = host.facts
    if host.become == "sudo":
        may = bool(facts.get("can_become_root"))
        yield Trial(_("Root by sudo -n"), OK if may else FAIL, _("yes") if may else _("no"))
    lacking = [str(tool) for tool in facts.get("lacking", ())]
    tools = ", ".join(lacking or map(str, facts.get("tools", ())))
    yield Trial(_("What a release needs"), FAIL if lacking else OK, tools)
    writes = bool(facts.get("root_writable"))
    yield Trial(_("Its folder"), OK if writes else FAIL, host.root)
    free = int(facts.get("disk_free") or 0)
    room = _("%(free)s free") % {"free": size(free)}
    yield Trial(_("Room"), OK if free >= LEAST_ROOM else FAIL, room)

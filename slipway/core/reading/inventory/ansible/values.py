"""What a variable of Ansible says of how a host is reached, or why that cannot be read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from slipway.core.reading.inventory import left_out
from slipway.core.reading.inventory.entries import HostEntry, Notes, port_of
from slipway.core.words.names import check_label
from slipway.core.words.refusal import Invalid
from slipway.core.words.sentence import Sentence

# Where two names of one thing are given, the second counts: Ansible's connection takes the last.
_ADDRESS = ("ansible_host", "ansible_ssh_host")
_PORT = ("ansible_port", "ansible_ssh_port")
_USER = ("ansible_user", "ansible_ssh_user")
BETWEEN = ("ansible_ssh_common_args", "ansible_ssh_extra_args", "ansible_ssh_args")
PRIORITY = "ansible_group_priority"
TAKEN = frozenset(
    {"ansible_become", "ansible_become_method", "ansible_become_user", "ansible_connection"}
    | {*_ADDRESS, *_PORT, *_USER, *BETWEEN, PRIORITY}
)
_LOCAL = frozenset({"local", "winrm", "psrp", "docker", "podman", "network_cli", "netconf"})

_YES = frozenset({"y", "yes", "on", "1", "true", "t", "1.0"})
_NO = frozenset({"n", "no", "off", "0", "false", "f", "0.0", ""})

_JUMP = re.compile(r"(?:^|\s)-J|proxy(?:jump|command)", re.IGNORECASE)
_LITERAL = re.compile(
    r"""(?:(?P<quoted>"[^"\\]*"|'[^'\\]*')|(?P<plain>[1-9][0-9]*(?:_[0-9]+)*|0|True|False|None))\s*(?:\#.*)?"""
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a variable was set to, on which line (0 where that is not known)."""

    text: str
    line: int = 0
    wrong: Sentence | None = None  # why it cannot be read

    @classmethod
    def of(cls, text: str, line: int = 0) -> "Said":
        wrong = left_out.TEMPLATE if "{{" in text or "{%" in text else None
        return cls(
            text, line, wrong or (left_out.ENCRYPTED if text.startswith("$ANSIBLE_VAULT") else None)
        )


Variables = Mapping[str, Said]


def ini_value(text: str) -> str:
    """Return what Ansible takes a value in an INI file for: Python's literals, else the text."""
    found = _LITERAL.fullmatch(text)
    if not found:
        return text
    if found["quoted"]:
        return found["quoted"][1:-1]
    return "" if found["plain"] == "None" else found["plain"].replace("_", "")


def note_variable(notes: Notes, where: int | str, name: str) -> None:
    """Tell of a variable that does not become part of a host."""
    if name in BETWEEN:
        notes.tell(left_out.way_there(where, name))
    elif name.startswith("ansible_") and name not in TAKEN:
        notes.tell(left_out.setting(where, name))
    elif name not in TAKEN:
        notes.tell(left_out.other_variable(where, name))


def host_of(name: str, said: Variables, groups: tuple[str, ...], notes: Notes) -> HostEntry | None:
    """Return the host, None for one that is left out with a note."""
    needed = [_last(said, names) for names in (_ADDRESS, _PORT, _USER, ("ansible_become",))]
    kind = said.get("ansible_connection")
    if kind and kind.text in _LOCAL:
        notes.tell(left_out.not_by_ssh(name, kind.text))
        return None
    for variable, found in needed:
        if wrong := found.wrong or _misfit(variable, found.text):
            notes.tell(left_out.unreadable(name, variable, wrong, found.line))
            return None
    address, port, user, become = (found.text for _variable, found in needed)
    return HostEntry(
        name=name,
        address=address,
        port=port_of(port),
        user=user,
        become=_become(name, become, said, notes),
        labels=_labels(groups, notes),
        via=" ".join(filter(None, (_way(name, said[key]) for key in BETWEEN if key in said))),
    )


def _way(host: str, said: Said) -> str:
    """Return what stands between; of what only Ansible can read nobody knows that it is the same as
    another host's."""
    if said.wrong:
        return f"? {host}"
    return said.text if _JUMP.search(said.text) else ""


def _last(said: Variables, names: tuple[str, ...]) -> tuple[str, Said]:
    given = [name for name in names if name in said]
    return (given[-1], said[given[-1]]) if given else (names[0], Said(""))


def _misfit(variable: str, text: str) -> Sentence | None:
    if variable in _PORT and port_of(text) < 0:
        return left_out.NO_PORT
    if variable == "ansible_become" and text.lower().strip() not in _YES | _NO:
        return left_out.NO_ANSWER
    return None


def _become(name: str, text: str, said: Variables, notes: Notes) -> str:
    if not text or text.lower().strip() in _NO:
        return "none" if text else ""
    method, user = said.get("ansible_become_method"), said.get("ansible_become_user")
    if method and method.text not in ("sudo", "ansible.builtin.sudo", ""):
        notes.tell(left_out.become_method(name, method.text))
        return "none"
    if user and user.text not in ("root", ""):
        notes.tell(left_out.become_user(name, user.text))
    return "sudo"


def _labels(groups: tuple[str, ...], notes: Notes) -> dict[str, str]:
    labels = {}
    for group in groups:
        try:
            check_label(group, "")
        except Invalid:
            notes.tell(left_out.group(group))
        else:
            labels[group] = ""
    return labels

"""KnownNames that the server knows, asked for while somebody waits: quickly, or not at all."""

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Any

from slipway_cli import contexts
from slipway_cli.api.client import PAGE, Client, at
from slipway_cli.arguments.options import ANSWERS, SHELLS
from slipway_cli.errors import Ended
from slipway_cli.session import Format

CHOICES: Mapping[tuple[str, str], tuple[str, ...]] = {  # by command's first word, "" for any
    ("", "output"): tuple(str(each) for each in Format),
    ("", "reply"): ANSWERS,
    ("", "given"): ANSWERS,
    ("", "role"): ("viewer", "uploader", "deployer", "admin"),
    ("", "shell"): SHELLS,
    ("host", "state"): ("on", "off"),
    ("build-server", "kind"): ("gitlab", "jenkins", "command"),
    ("service", "language"): ("cpp", "go", "python", "java", "node", "other"),
    ("grant", "action"): (
        *("view", "view_host", "deploy", "upload", "build", "lock", "break_lock"),
        *("manage_service", "manage_host", "manage_environment", "manage_access", "manage_server"),
    ),
    ("service", "build_origin"): ("gitlab", "jenkins", "command", "upload"),
}
COMMAS = ("hosts", "without", "instances")  # several, with commas between
_KINDS = {  # of what takes a name
    **dict.fromkeys(("host", "names", *COMMAS), "host"),
    **dict.fromkeys(("env", "source"), "env"),
    **dict.fromkeys(("version", "base", "to"), "version"),
    **dict.fromkeys(("username", "by"), "user"),
}
_NAMED = ("host", "env", "build-server", "key", "context")  # commands about a thing of that name


def kind_of(dest: str, word: str) -> str:
    """Return what an argument or option of a command names."""
    if dest == "name" and word in _NAMED:
        return word.replace("-", "_")
    return _KINDS.get(dest, dest)


Rows = Callable[["KnownNames", Client], Iterator[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class KnownNames:
    """`connect` returns the server that is asked, for no longer than `within` seconds; `values` are
    what was said before, and `beginning` what was typed of the name."""

    connect: Callable[[], Client]
    within: float
    values: Mapping[str, str] = field(default_factory=dict)
    beginning: str = ""

    def after(self, values: Mapping[str, str], beginning: str) -> "KnownNames":
        return replace(self, values=values, beginning=beginning)

    def of(self, kind: str) -> list[tuple[str, str]]:
        """Return the names of a kind, and what each is; none where nobody answers soon."""
        if kind == "context":
            return [(name, each.url) for name, each in contexts.load().by_name.items()]
        if kind not in _ROWS:
            return []
        try:
            with _within(self.within):
                return list(_ROWS[kind](self, self.connect()))
        except (Ended, TooLong):
            return []


def _rows(path: str, *about: str, name: str = "name", searches: bool = False) -> Rows:
    def read(names: KnownNames, client: Client) -> Iterator[tuple[str, str]]:
        search = names.beginning if searches else ""
        for row in client.get(path, limit=PAGE, search=search)["items"]:
            yield str(row[name]), _said(row, about)

    return read


def _versions(names: KnownNames, client: Client) -> Iterator[tuple[str, str]]:
    yield "latest", ""
    if service := names.values.get("service", ""):
        path = at("services", service, "versions")
        for row in client.get(path, limit=PAGE, search=names.beginning)["items"]:
            yield str(row["name"]), _said(row, ("status", "ref"))


def _said(row: Mapping[str, Any], about: tuple[str, ...]) -> str:
    return " ".join(str(row[each]) for each in about if row.get(each))


_ROWS: Mapping[str, Rows] = {
    "service": _rows("/services", "language", searches=True),
    "host": _rows("/hosts", "environment", "address", searches=True),
    "env": _rows("/environments"),
    "key": _rows("/keys"),
    "build_server": _rows("/build-servers", "kind"),
    "user": _rows("/users", name="username"),
    "rollout": _rows("/rollouts", "kind", "service", "environment", "state", name="id"),
    "build": _rows("/builds", "service", "state", name="id"),
    "version": _versions,
}


class TooLong(Exception):
    """Whoever waits has waited enough: no error of a connection, for that is tried anew."""


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Raise TooLong in what takes longer, also where it waits for a name or a connection."""

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

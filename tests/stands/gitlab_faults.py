"""What may go wrong with a GitLab: faults that a test puts in the stand-in's way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase


class Manner(StrEnum):
    AT_ONCE = "at once"
    NEVER = "never"  # the connection stays open, nothing comes
    HANG_UP = "hang up"  # the connection is closed without an answer
    DRIP = "drip"  # a byte at a time
    CUT = "cut"  # half of what was announced


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens instead of the answer. `works`: the request is carried out all the same, and
    its own answer is what drips or is cut where no other is given."""

    status: int = 0  # 0: the answer's own
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    works: bool = False
    manner: Manner = Manner.AT_ONCE


def error(status: int = 500, message: str = "500 Internal Server Error") -> Fault:
    body = f'{{"message": "{message}"}}'.encode()
    return Fault(status, body, {"Content-Type": "application/json"})


def too_many(retry_after: int | str = 7) -> Fault:
    headers = {"Retry-After": str(retry_after), "Content-Type": "text/plain"}
    return Fault(429, b"Retry later\n", headers)


def html() -> Fault:
    body = b"<html><body>Please log in</body></html>"
    return Fault(200, body, {"Content-Type": "text/html; charset=utf-8"})


def broken_json() -> Fault:
    return Fault(200, b'{"id": ', {"Content-Type": "application/json"})


def redirect(url: str, status: int = 302) -> Fault:
    return Fault(status, b"", {"Location": url})


def silence_after_work() -> Fault:
    """Does what was asked, and never says so."""
    return Fault(works=True, manner=Manner.NEVER)


def hang_up_after_work() -> Fault:
    return Fault(works=True, manner=Manner.HANG_UP)


def hang_up() -> Fault:
    return Fault(manner=Manner.HANG_UP)


def drip() -> Fault:
    """The right answer, a byte a second (of the stand's own time)."""
    return Fault(works=True, manner=Manner.DRIP)


def cut() -> Fault:
    """Half of the right answer, then the end."""
    return Fault(works=True, manner=Manner.CUT)


@dataclass(slots=True)
class Script:
    """A fault in the way of some requests. `on`: a method and the end of a path, which may hold *:
    "POST /pipeline", "GET /jobs/*/trace"."""

    on: str
    fault: Fault
    times: int

    def fits(self, method: str, path: str) -> bool:
        wanted, _, end = self.on.partition(" ")
        return self.times > 0 and method == wanted and fnmatchcase(path, f"*{end}")

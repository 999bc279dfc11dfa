"""Reads what the host program answers: bytes from a machine that may be broken, so all bounded."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from slipway.core.seen import Observation, SeenInstance
from slipway.ports import (
    HostFacts,
    TicketResult,
)

HELLO = b"slipway"
LONGEST_LINE = 8192
LONGEST_OUTPUT = 128 * 1024
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Garbled(Exception):
    """These are not the words of the host program."""


@dataclass(frozen=True, slots=True)
class Began:
    ticket: str
    runner: str


@dataclass(frozen=True, slots=True)
class Ended:
    """`total` is how many bytes the ticket printed; -1 where the beginning was left out."""

    result: TicketResult
    output: bytes
    total: int


@dataclass(frozen=True, slots=True)
class Stale:
    epoch: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Refusal:
    kind: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Over:
    """The chain has come to its end."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """It goes on, and is told no further here: whoever joins it hears the rest."""


@dataclass(frozen=True, slots=True)
class Served:
    """A resident shell is done with what it was asked."""


Event = Began | Ended | Stale | Refusal | Over | Elsewhere | Served


class Story:
    """Turns the bytes of a followed chain, cut anywhere, into events."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._greeted = False

    def feed(self, piece: bytes) -> Iterator[Event]:
        """Yield the events that are whole. Raises Garbled."""
        self._buffer += piece
        while (event := self._next()) is not None:
            yield event

    def _next(self) -> Event | None:
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[:end])
            if not self._greeted:
                # A login script of the host may have printed something before.
                self._greeted = line == HELLO
                del self._buffer[: end + 1]
                continue
            return self._event(line, end + 1)
        if len(self._buffer) > LONGEST_LINE:
            raise Garbled("a line without end")
        return None

    def _event(self, line: bytes, start: int) -> Event | None:
        words = line.decode("utf-8", "replace").split(" ")
        if words[0] == "result" and len(words) == 8:
            return self._ended(words, start)
        del self._buffer[:start]
        match words:
            case ["begin", ticket, runner]:
                return Began(ticket, runner)
            case ["stale", epoch, sequence]:
                return Stale(_number(epoch), _number(sequence))
            case ["refused", kind, *sentence]:
                return Refusal(kind, " ".join(sentence))
            case ["end"]:
                return Over()
            case ["elsewhere"]:
                return Elsewhere()
            case ["served", _]:
                return Served()
        raise Garbled(line[:200].decode("utf-8", "replace"))

    def _ended(self, words: list[str], start: int) -> Ended | None:
        _, ticket, code, started, finished, interrupted, total, size = words
        length = _number(size)
        if length > LONGEST_OUTPUT:
            raise Garbled(f"an output of {length} bytes")
        if len(self._buffer) < start + length + 1:
            return None
        output = bytes(self._buffer[start : start + length])
        del self._buffer[: start + length + 1]
        result = TicketResult(
            ticket=ticket,
            exit_code=_number(code),
            output=as_text(output),
            started_at=_moment(started),
            finished_at=_moment(finished),
            interrupted=interrupted == "1",
        )
        return Ended(result, output, _number(total))


def as_text(output: bytes) -> str:
    """Return output as text that every database takes."""
    return output.decode("utf-8", "replace").replace("\0", "")


def after_hello(answer: bytes) -> list[list[str]]:
    """Return the answer's lines as words. Raises Garbled when it is not one of ours."""
    lines = answer.decode("utf-8", "replace").split("\n")
    try:
        return [line.split(" ") for line in lines[lines.index(HELLO.decode()) + 1 :] if line]
    except ValueError:
        raise Garbled(answer[:200].decode("utf-8", "replace")) from None


def refusal_in(lines: list[list[str]]) -> Refusal | None:
    for words in lines:
        if words[0] == "refused" and len(words) > 1:
            return Refusal(words[1], " ".join(words[2:]))
    return None


def observation(lines: list[list[str]]) -> Observation:
    """Raises Garbled."""
    instances, releases, space = [], [], None
    for words in lines:
        match words:
            case ["instance", name, epoch, pid, unit, link, running]:
                instances.append(
                    SeenInstance(
                        instance=name,
                        link=_or_nothing(link),
                        unit=_or_nothing(unit),
                        running_version=_or_nothing(running),
                        pid=None if pid == "-" else _number(pid),
                        epoch=_number(epoch),
                    )
                )
            case ["release", version, sha256]:
                releases.append((version, sha256))
            case ["space", free, inodes, writable]:
                space = (_number(free), _number(inodes), writable == "1")
    if space is None or ["end"] not in lines[-2:]:
        raise Garbled("an observation without end")
    instances.sort(key=lambda seen: seen.instance)
    return Observation(tuple(instances), tuple(sorted(releases)), *space)


def facts(lines: list[list[str]]) -> HostFacts:
    """Raises Garbled."""
    known = {words[0]: words[1:] for words in lines}
    try:
        return HostFacts(
            os=" ".join(known["os"]),
            arch=known["arch"][0],
            cpus=_number(known["cpus"][0]),
            memory=_number(known["memory"][0]),
            disk_total=_number(known["space"][2]),
            disk_free=_number(known["space"][0]),
            inodes_free=_number(known["space"][1]),
            root_writable=known["writable"] == ["1"],
            systemd=known["systemd"] == ["1"],
            can_become_root=known["root"] == ["1"],
            tools=tuple(words[1] for words in lines if words[0] == "tool"),
        )
    except (KeyError, IndexError) as error:
        raise Garbled(f"facts without {error}") from error


def _or_nothing(word: str) -> str:
    return "" if word == "-" else word


def _moment(milliseconds: str) -> datetime:
    return _EPOCH + timedelta(milliseconds=_number(milliseconds))


def _number(word: str) -> int:
    if not word.removeprefix("-").isdecimal() or len(word) > 18:
        raise Garbled(f"{word[:40]} instead of a number")
    return int(word)

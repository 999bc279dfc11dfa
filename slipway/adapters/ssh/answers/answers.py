"""Reads what the host program answers: bytes from a machine that may be broken, so all bounded."""

from collections.abc import Iterator
from dataclasses import dataclass

from slipway.adapters.ssh.answers import bounds
from slipway.adapters.ssh.answers.bounds import Garbled
from slipway.adapters.ssh.answers.looks import HIGHEST_EXIT_CODE, HIGHEST_PID, ToldLook
from slipway.adapters.ssh.answers.refusals import sentence_of
from slipway.core.hosts.facts import HostFacts
from slipway.core.hosts.seen import Asked, SeenInstance, TicketResult
from slipway.core.words.sentence import Sentence

HELLO = b"slipway"
LONGEST_LINE = 8192
LONGEST_OUTPUT = 128 * 1024
LONGEST_GREETING = 64 * 1024  # of a login script, before ours
MOST_TOOLS = 100
_LINE = Sentence.of("garbled_line", "a line without end")
_GREETING = Sentence.of("garbled_greeting", "a greeting without end")


@dataclass(frozen=True, slots=True)
class Began:
    ticket: str
    runner: str


@dataclass(frozen=True, slots=True)
class TicketEnded:
    """`total` is how many bytes the ticket printed; -1 where the beginning was left out."""

    result: TicketResult
    output: bytes
    total: int


@dataclass(frozen=True, slots=True)
class Stale:
    """A later claim was heard there, or one of another `installation`."""

    epoch: int
    sequence: int
    installation: str = ""


@dataclass(frozen=True, slots=True)
class HostRefusal:
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the instance is at the chain's end."""

    instance: SeenInstance
    boot: str


@dataclass(frozen=True, slots=True)
class ChainOver:
    """The chain has come to its end; `seen` is None where that was before it was asked for."""

    seen: Seen | None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """It goes on, and is told no further here: whoever joins it hears the rest."""


@dataclass(frozen=True, slots=True)
class Served:
    """A resident shell is done with what it was asked."""


Event = Began | TicketEnded | Stale | HostRefusal | ChainOver | Elsewhere | Served


class Story:
    """Turns the bytes of a followed chain, cut anywhere, into events: each ticket ends once, in
    their order, and after one that failed there is no other."""

    def __init__(self, tickets: tuple[str, ...], instance: str) -> None:
        self._buffer = bytearray()
        self._greeted = False
        self._noise = 0
        self._tickets = tickets
        self._instance = instance
        self._ended = 0
        self._has_failed = False
        self._is_again = False
        self._is_over = False
        self._look = ToldLook((Asked(instance),))

    def feed(self, piece: bytes) -> Iterator[Event]:
        """Yield the events that are whole. Raises Garbled."""
        self._buffer += piece
        while (event := self._next()) is not None:
            yield event

    def _next(self) -> Event | None:
        while (end := self._buffer.find(b"\n")) >= 0:
            if end > LONGEST_LINE:
                break
            line = bytes(self._buffer[:end])
            if not self._greeted:
                self._wait_for_hello(line)
                del self._buffer[: end + 1]
                continue
            words = line.decode("utf-8", "replace").split(" ")
            if words[0] == "result" and len(words) == 8:
                return self._end_of(words, end + 1)
            del self._buffer[: end + 1]
            if not self._is_about_instance(words):
                return self._event(words)
        if len(self._buffer) > LONGEST_LINE:
            raise Garbled(_LINE)
        return None

    def _wait_for_hello(self, line: bytes) -> None:
        # A login script of the host may have printed something before.
        self._greeted = line == HELLO
        self._noise += len(line) + 1
        if self._noise > LONGEST_GREETING:
            raise Garbled(_GREETING)

    def _is_about_instance(self, words: list[str]) -> bool:
        if self._is_over or words[0] in ("release", "space", "report"):
            return False
        if words == ["again"] and not self._is_again:
            self._is_again = True
            return True
        return self._look.take(words)

    def _event(self, words: list[str]) -> Event:
        if words[0] == "served" and len(words) == 2:
            return Served()
        if not self._is_over:
            match words:
                case ["begin", ticket, runner]:
                    self._expect(ticket)
                    return Began(ticket, str(bounds.number(runner, HIGHEST_PID)))
                case ["refused", *_]:
                    return refusal(words)
                case ["end"]:
                    return self._over()
                case ["elsewhere"]:
                    return Elsewhere()
            if stale := stale_in(words):
                return stale
        raise bounds.unknown(words)

    def _over(self) -> Event:
        if not self._has_failed and self._ended < len(self._tickets):
            template = "an end after {ended} of {all} steps"
            steps = len(self._tickets)
            raise Garbled(Sentence.of("garbled_end", template, ended=self._ended, all=steps))
        self._is_over = True
        seen = self._look.only(self._instance)
        # One that was told again is what was seen then, and no news.
        return ChainOver(None if self._is_again else Seen(seen, self._look.boot))

    def _expect(self, ticket: str) -> None:
        if self._has_failed or self._tickets[self._ended : self._ended + 1] != (ticket,):
            template = "{ticket}, which was not to come now"
            raise Garbled(Sentence.of("garbled_ticket", template, ticket=repr(ticket[:100])))

    def _end_of(self, words: list[str], start: int) -> TicketEnded | None:
        _, ticket, code, started, finished, interrupted, total, size = words
        length = bounds.number(size, LONGEST_OUTPUT + 1)
        if len(self._buffer) < start + length + 1:
            return None
        self._expect(ticket)
        output = bytes(self._buffer[start : start + length])
        del self._buffer[: start + length + 1]
        result = TicketResult(
            ticket=ticket,
            exit_code=bounds.number(code, HIGHEST_EXIT_CODE + 1),
            output=as_text(output),
            started_at=bounds.moment(started),
            finished_at=bounds.moment(finished),
            interrupted=bounds.yes_or_no(interrupted),
        )
        self._ended += 1
        self._has_failed = result.exit_code != 0 or result.interrupted
        return TicketEnded(result, output, -1 if total == "-1" else bounds.number(total))


def stale_in(words: list[str]) -> Stale | None:
    """Raises Garbled."""
    match words:
        case ["stale", epoch, sequence]:
            return Stale(bounds.number(epoch), bounds.number(sequence))
        case ["foreign", epoch, sequence, installation]:
            numbers = bounds.number(epoch), bounds.number(sequence)
            return Stale(*numbers, bounds.name(installation))
    return None


def as_text(output: bytes) -> str:
    """Return output as text that every database takes."""
    return output.decode("utf-8", "replace").replace("\0", "")


def after_hello(answer: bytes) -> list[list[str]]:
    """Return the answer's lines as words. Raises Garbled when it is not one of ours."""
    lines = answer.decode("utf-8", "replace").split("\n")
    try:
        return [line.split(" ") for line in lines[lines.index(HELLO.decode()) + 1 :] if line]
    except ValueError:
        text = answer[:200].decode("utf-8", "replace")
        raise Garbled(Sentence.of("said", "{text}", text=text)) from None


def refusal_in(lines: list[list[str]]) -> HostRefusal | None:
    """Raises Garbled."""
    for words in lines:
        if words[0] == "refused":
            return refusal(words)
    return None


def refusal(words: list[str]) -> HostRefusal:
    """Raises Garbled."""
    match words:
        case ["refused", kind, *values]:
            return HostRefusal(bounds.name(kind), bounds.line(values, LONGEST_LINE))
    raise Garbled(Sentence.of("garbled_refusal", "a refusal of nothing"))


def facts(lines: list[list[str]]) -> HostFacts:
    """Raises Garbled."""
    known = {words[0]: words[1:] for words in lines}
    tools = [bounds.name(words[1]) for words in lines if words[0] == "tool" and len(words) == 2]
    lacking = [bounds.name(words[1]) for words in lines if words[0] == "lacking" and words[1:]]
    missing = [bounds.name(words[1]) for words in lines if words[0] == "nouser" and words[1:]]
    barred = [refusal(["refused", *words[1:]]) for words in lines if words[0] == "barred"]
    if len(tools) + len(lacking) + len(barred) + len(missing) > MOST_TOOLS:
        raise Garbled(Sentence.of("garbled_tools", "{count} tools", count=len(tools)))
    try:
        return HostFacts(
            os=bounds.line(known["os"]),
            arch=bounds.name(known["arch"][0]),
            cpus=bounds.number(known["cpus"][0], 2**20),
            memory=bounds.number(known["memory"][0]),
            disk_total=bounds.number(known["space"][2]),
            disk_free=bounds.number(known["space"][0]),
            inodes_free=bounds.number(known["space"][1]),
            root_writable=bounds.yes_or_no(known["writable"][0]),
            systemd=bounds.yes_or_no(known["systemd"][0]),
            can_become_root=bounds.yes_or_no(known["root"][0]),
            tools=tuple(tools),
            lacking=tuple(lacking),
            barred=tuple(sentence_of(each.kind, each.words) for each in barred),
            sudo_milliseconds=bounds.number(known["sudo"][0]),
            noexec="noexec" in known,
            missing_users=tuple(missing),
        )
    except (KeyError, IndexError) as error:
        said = Sentence.of("garbled_facts", "facts without {what}", what=str(error))
        raise Garbled(said) from error

"""What is on one emulated host, and what the host program would say of it: text in, text out."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count

FACTS = (
    "os Debian\narch x86_64\ncpus 2\nmemory 2000000000\n"
    "space 9000000000 900000 9900000000\nwritable 1\nsystemd 0\nroot 1\n"
    "tool tar\ntool gzip\ntool sha256sum\nend\n"
)
SPACE = "space 9000000000 900000 1\nend\n"
# Before these the host program tells what it knows: they may take their time.
SLOW = ("unpack", "restart", "start", "stop", "probe", "remove")

Fence = tuple[int, int, str]  # epoch, sequence, installation

_processes = count(1000)


@dataclass(slots=True)
class Place:
    """One instance; - is nothing."""

    fence: Fence = (0, 0, "-")
    link: str = "-"
    fingerprint: str = "-"
    running: str = "-"
    started_with: str = "-"
    pid: str = "-"

    def line(self, name: str) -> str:
        epoch, sequence, installation = self.fence
        birth = "-" if self.pid == "-" else "100"
        return (
            f"instance {name} {epoch} {sequence} {installation} {self.pid} {birth} - 0 "
            f"{self.link} {self.running} {self.fingerprint} {self.started_with} - -\n"
        )

    def health(self, name: str) -> str:
        return f"healthy {name} {int(self.pid != '-')} \n"

    @property
    def late(self) -> str:
        return f"stale {self.fence[0]} {self.fence[1]}\n"

    def raise_fence(self, fence: Fence) -> bool:
        """Returns False where somebody later was here."""
        if fence[:2] < self.fence[:2]:
            return False
        self.fence = fence
        return True

    def start(self) -> None:
        self.running, self.started_with = self.link, self.fingerprint
        self.pid = str(next(_processes))

    def stop(self) -> None:
        self.running = self.started_with = self.pid = "-"


@dataclass(slots=True)
class Question:
    """What is asked about one instance."""

    said: dict[str, str] = field(default_factory=dict)
    tickets: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Step:
    ticket: str
    said: dict[str, str] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.said["step"]

    @property
    def is_slow(self) -> bool:
        return self.name in SLOW


@dataclass(slots=True)
class Chain:
    """A chain as it was sent."""

    service: str
    instance: str
    fence: Fence
    steps: list[Step]


NOTHING_ASKED = Question()


class Machine:
    """A host. With `running`, an instance of that version is found of each service."""

    def __init__(self, number: int, running: str = "") -> None:
        self.number = number
        self._boot = f"{number:08x}-0000-4000-8000-000000000000"
        self._running = running
        self._places: dict[str, dict[str, Place]] = {}
        self._releases: dict[str, dict[str, str]] = {}
        self._results: dict[str, str] = {}  # of tickets, by ticket; "" while it runs
        self._received: set[str] = set()
        self.ends: dict[str, float] = {}  # of chains that run, by their first ticket: the caller's

    # --- questions ---------------------------------------------------------------------------

    def look(self, service: str, request: Iterable[str] = ()) -> str:
        """Return what is there of a service, and the answers to what is asked about instances."""
        places = self._of(service)
        asked = _asked(request)
        said = [f"boot {self._boot}\n"]
        said += [f"release {name} {sha}\n" for name, sha in self._releases[service].items()]
        for name, question in asked.items():
            place = places.setdefault(name, Place())
            if "epoch" in question.said and not place.raise_fence(_fence(question.said)):
                return place.late
        for name, place in places.items():
            question = asked.get(name, NOTHING_ASKED)
            said.append(place.line(name))
            if "checked" in question.said:
                said.append(place.health(name))
            reports = map(self._report, question.tickets)
            said += [f"report {name} {each}\n" for each in reports if each]
        return "".join([*said, SPACE])

    def survey(self, services: Iterable[str]) -> str:
        """Return what is there of each of these services."""
        boot = f"boot {self._boot}\n"
        each = (
            f"service {service}\n{self.look(service).removeprefix(boot).removesuffix(SPACE)}"
            for service in services
        )
        return "".join([boot, *each, SPACE])

    def _of(self, service: str) -> dict[str, Place]:
        if service not in self._places:
            self._releases[service], self._places[service] = {}, {}
            if self._running:
                self._releases[service][self._running] = "0" * 64
                place = self._places[service]["main"] = Place(link=self._running)
                place.start()
        return self._places[service]

    def _report(self, ticket: str) -> str:
        result = self._results.get(ticket)
        if result is None:
            return ""
        return f"{ticket} done 0" if result else f"{ticket} running 0"

    # --- packages ----------------------------------------------------------------------------

    def has_package(self, service: str, sha256: str) -> bool:
        self._of(service)
        return sha256 in self._received or sha256 in self._releases[service].values()

    def receive(self, sha256: str) -> None:
        self._received.add(sha256)

    # --- chains ------------------------------------------------------------------------------

    def begin(self, chain: Chain) -> str:
        """Raise the fence; returns who has been here later, "" where the chain may go on."""
        place = self._of(chain.service).setdefault(chain.instance, Place())
        return "" if place.raise_fence(chain.fence) else place.late

    def is_over(self, chain: Chain) -> bool:
        return all(self._results.get(step.ticket) for step in chain.steps)

    def story(self, chain: Chain) -> Iterator[str]:
        """Carry a chain out, and yield what is told of it: a text up to each step that may take its
        time, and one to the end."""
        text = ""
        for step in chain.steps:
            self._results.setdefault(step.ticket, "")
            text += f"begin {step.ticket} {self.number + 100}\n"
            if step.is_slow:
                yield text
                text = ""
            text += self._result(chain, step)
        place, name = self._of(chain.service)[chain.instance], chain.instance
        seen = f"boot {self._boot}\n{place.line(name)}{place.health(name)}"
        yield f"{text}{seen}end\n"

    def forget(self, tickets: Iterable[str]) -> None:
        for ticket in tickets:
            self._results.pop(ticket, None)

    def _result(self, chain: Chain, step: Step) -> str:
        if not self._results.get(step.ticket):
            self._do(chain, step)
            now = round(time.time() * 1000)
            self._results[step.ticket] = f"result {step.ticket} 0 {now} {now} 0 0 0\n\n"
        return self._results[step.ticket]

    def _do(self, chain: Chain, step: Step) -> None:
        place, releases = self._of(chain.service)[chain.instance], self._releases[chain.service]
        match step.name:
            case "unpack":
                releases[step.said["version"]] = step.said["sha256"]
                self._received.discard(step.said["sha256"])
            case "switch":
                place.link, place.fingerprint = step.said["version"], step.said["fingerprint"]
            case "restart" | "start":
                place.start()
            case "stop" | "remove":
                place.stop()
            case "prune":
                kept = {place.link, *step.kept}
                for version in set(releases) - kept:
                    del releases[version]


def read_chain(request: Iterable[str]) -> Chain:
    said: dict[str, str] = {}
    steps: list[Step] = []
    for line in request:
        key, _, value = line.partition(" ")
        if key == "ticket":
            steps.append(Step(value))
        elif key == "keep":
            steps[-1].kept.append(value)
        elif steps:
            steps[-1].said[key] = value
        else:
            said[key] = value
    return Chain(said["service"], said["instance"], _fence(said), steps)


def _asked(request: Iterable[str]) -> dict[str, Question]:
    found: dict[str, Question] = {}
    question = Question()
    for line in request:
        key, _, value = line.partition(" ")
        if key == "asked":
            question = found[value] = Question()
        elif key == "ticket":
            question.tickets.append(value)
        else:
            question.said[key] = value
    return found


def _fence(said: dict[str, str]) -> Fence:
    return int(said["epoch"]), int(said["sequence"]), said.get("installation", "-")

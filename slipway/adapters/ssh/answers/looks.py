"""Reads what a host says of the instances of a service: a machine that may be broken, or lie."""

from collections.abc import Sequence
from dataclasses import replace

from slipway.adapters.ssh.answers import bounds
from slipway.adapters.ssh.answers.bounds import Garbled
from slipway.core.hosts.drift_words import LONGEST_NAMES, Drift, What
from slipway.core.hosts.seen import Asked, Observation, Outcome, Report, SeenInstance
from slipway.core.words.sentence import Sentence

MOST_INSTANCES = 1000
MOST_RELEASES = 4000
HIGHEST_EXIT_CODE = 255
HIGHEST_PID = 2**32
_ANOTHER = Sentence.of("garbled_instance", "another instance than the chain's, or none")
_BEHIND = Sentence.of("garbled_behind", "something behind the end")
_OTHER_SERVICES = Sentence.of("garbled_services", "other services than those that were asked about")
_HALF = Sentence.of("garbled_half", "half an instance")
_UNASKED_REPORT = Sentence.of("garbled_report", "a report that was not asked for")
_TWO_REPORTS = Sentence.of("garbled_reports", "two reports on one ticket")
_AN_OUTCOME = Sentence.of("an_outcome", "an outcome")
_INSTANCES = Sentence.of("instances", "instances")
_RELEASES = Sentence.of("releases", "releases")

Words = list[str]

# Of an instance, in the order in which they are told.
_FACTS = (
    *("epoch", "sequence", "installation", "pid", "birth", "unit", "enabled"),
    *("link", "running", "fingerprint", "started_with", "owed", "drained_by"),
)


class ToldLook:
    """What was said so far. `asked` is what may be said beyond that which lies there."""

    def __init__(self, asked: Sequence[Asked] = ()) -> None:
        self._asked = {one.instance: one for one in asked}
        self._instances: dict[str, SeenInstance] = {}
        self._releases: dict[str, str] = {}
        self._space: tuple[int, int, bool] | None = None
        self._systemd = True
        self.boot = ""

    def take(self, words: Words) -> bool:
        """Take a line in; returns False for one that is not about this. Raises Garbled."""
        match words:
            case ["boot", boot] if not self.boot:
                self.boot = bounds.boot(boot)
            case ["instance", instance, *told] if instance not in self._instances:
                _bounded(self._instances, MOST_INSTANCES, _INSTANCES)
                self._instances[bounds.name(instance)] = _instance(instance, told)
            case ["release", version, sha256] if version not in self._releases:
                _bounded(self._releases, MOST_RELEASES, _RELEASES)
                self._releases[bounds.name(version)] = bounds.sha256(sha256)
            case ["space", free, inodes, writable] if self._space is None:
                numbers = bounds.number(free), bounds.number(inodes)
                self._space = (*numbers, bounds.yes_or_no(writable))
            case ["systemd", "0"] if self._systemd:
                self._systemd = False
            case ["drift", instance, what, *told]:
                self._take_drift(instance, what, told)
            case ["healthy" | "held" | "report" | "nouser" as about, instance, *told]:
                self._take_answer(about, instance, told)
            case _:
                return False
        return True

    def observation(self) -> Observation:
        """Raises Garbled when that is not all of it."""
        if self._space is None or not self.boot:
            raise Garbled(bounds.CUT_OFF)
        instances = sorted(self._instances.values(), key=lambda seen: seen.instance)
        releases = tuple(sorted(self._releases.items()))
        return Observation(tuple(instances), releases, *self._space, self.boot, self._systemd)

    def only(self, instance: str) -> SeenInstance:
        """Return the one that was told of. Raises Garbled when it is another one, or none."""
        if not self.boot or list(self._instances) != [instance]:
            raise Garbled(_ANOTHER)
        return self._instances[instance]

    def _take_drift(self, instance: str, what: str, told: Words) -> None:
        seen = self._instances.get(instance)
        if seen is None or what not in set(What) or any(d.what == what for d in seen.drift):
            template = "{word} about {instance}"
            values = {"word": repr(what[:40]), "instance": repr(instance[:40])}
            raise Garbled(Sentence.of("garbled_drift", template, **values))
        count, *names = told or ["0"]
        drift = Drift(What(what), bounds.number(count), bounds.line(names)[:LONGEST_NAMES].strip())
        self._instances[instance] = replace(seen, drift=(*seen.drift, drift))

    def _take_answer(self, about: str, instance: str, told: Words) -> None:
        seen, asked = self._instances.get(instance), self._asked.get(instance)
        if seen is None or asked is None:
            template = "an answer about {instance}, which was not asked for"
            raise Garbled(Sentence.of("garbled_unasked", template, instance=repr(instance[:40])))
        match about:
            case "healthy" if told and seen.healthy is None:
                seen = replace(
                    seen, healthy=bounds.yes_or_no(told[0]), why=bounds.line(told[1:]).strip()
                )
            case "held" if told and not seen.held_by:
                seen = replace(seen, held_by=bounds.line(told))
            case "nouser" if asked.user and not seen.lacks_user:
                seen = replace(seen, lacks_user=True)
            case "report":
                seen = replace(seen, reports=(*seen.reports, _report(told, asked, seen.reports)))
            case _:
                raise Garbled(Sentence.of("garbled_twice", "{word} was said twice", word=about))
        self._instances[instance] = seen


def observation(lines: Sequence[Words], asked: Sequence[Asked] = ()) -> Observation:
    """Raises Garbled."""
    look, is_over = ToldLook(asked), False
    for words in lines:
        if is_over:
            if words[0] != "served":
                raise Garbled(_BEHIND)
        elif words == ["end"]:
            is_over = True
        elif not look.take(words):
            raise bounds.unknown(words)
    if not is_over:
        raise Garbled(bounds.CUT_OFF)
    return look.observation()


def surveyed(
    lines: Sequence[Words], services: Sequence[str]
) -> dict[str, tuple[SeenInstance, ...]]:
    """Return the instances of each service, in the order in which they were asked about. What is
    said of all, the host's boot and its space, stands before the first and behind the last one.
    Raises Garbled."""
    if len(services) == 1:
        return {services[0]: observation(lines).instances}
    starts = [at for at, words in enumerate(lines) if words[0] == "service"]
    if [lines[at] for at in starts] != [["service", service] for service in services]:
        raise Garbled(_OTHER_SERVICES)
    ends = [at for at, words in enumerate(lines) if words[0] == "space"]
    if len(ends) != 1 or ends[0] < starts[-1]:
        raise Garbled(bounds.CUT_OFF)
    before, behind = lines[: starts[0]], lines[ends[0] :]
    return {
        service: observation([*before, *lines[start + 1 : until], *behind]).instances
        for service, start, until in zip(services, starts, [*starts[1:], ends[0]], strict=True)
    }


def _instance(instance: str, told: Words) -> SeenInstance:
    if len(told) != len(_FACTS):
        raise Garbled(_HALF)
    said = dict(zip(_FACTS, told, strict=True))
    return SeenInstance(
        instance=instance,
        link=bounds.found_name(said["link"]),
        unit=bounds.state(said["unit"]),
        running_version=bounds.found_name(said["running"]),
        pid=_or_none(said["pid"]),
        epoch=bounds.number(said["epoch"]),
        birth="" if said["birth"] == bounds.NOTHING else str(bounds.number(said["birth"])),
        enabled=bounds.yes_or_no(said["enabled"]),
        fingerprint=bounds.fingerprint(said["fingerprint"]),
        started_with=bounds.fingerprint(said["started_with"]),
        hook_owed=said["owed"] != bounds.NOTHING and bounds.yes_or_no(said["owed"]),
        drained_by=bounds.name_or_nothing(said["drained_by"]),
        sequence=bounds.number(said["sequence"]),
        installation=bounds.name_or_nothing(said["installation"]),
    )


def _or_none(pid: str) -> int | None:
    return None if pid == bounds.NOTHING else bounds.number(pid, HIGHEST_PID)


def _report(told: Words, asked: Asked, known: tuple[Report, ...]) -> Report:
    match told:
        case [ticket, outcome, code] if ticket in asked.tickets:
            pass
        case _:
            raise Garbled(_UNASKED_REPORT)
    if any(report.ticket == ticket for report in known):
        raise Garbled(_TWO_REPORTS)
    if outcome not in set(Outcome):
        raise bounds.instead(outcome, _AN_OUTCOME)
    return Report(ticket, Outcome(outcome), bounds.number(code, HIGHEST_EXIT_CODE + 1))


def _bounded(known: dict[str, SeenInstance] | dict[str, str], most: int, what: Sentence) -> None:
    if len(known) >= most:
        raise Garbled(Sentence.of("garbled_many", "more than {most} {what}", most=most, what=what))

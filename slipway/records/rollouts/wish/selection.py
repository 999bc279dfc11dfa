"""Who may take part in a rollout, and what is said of those who may not."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from slipway.core.words.instances import InstanceStatus
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.names import shown
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence
from slipway.records.catalog.models import Release, Version
from slipway.records.catalog.operations.releases import check_user, draft_release
from slipway.records.fleet.models import Host, HostState, Instance
from slipway.records.fleet.operations.instances import locked
from slipway.records.rollouts.histories.reading import Histories
from slipway.records.rollouts.histories.ways_back import value_of
from slipway.records.rollouts.wish.refusals import HostInMaintenance, NothingToDo, NotLookedAt
from slipway.records.rollouts.wish.wishes import Wish


class Candidate(NamedTuple):
    """A host (and port) that will be a target.

    `origin` is what is there, as far as is known, `goal` what is brought; either may be nothing, or
    a draft that has no row yet. `back` and `next_back` are the ways back if it fails; `is_new`:
    nothing ever was well there. `up` is a standing order, before and after. `was_well`: healthy in
    the last look. `anew`: its processes are started even where all is as wanted. `owed`: a way back
    that could not be gone so far.
    """

    host: Host
    port: int
    instance: Instance | None = None
    origin: Release | None = None
    goal: Release | None = None
    back: Release | None = None
    next_back: Release | None = None
    is_new: bool = False
    up: bool = True
    was_up: bool = True
    was_well: bool = True
    anew: bool = False
    owed: Release | None = None

    @property
    def place(self) -> tuple[int, int]:
        return self.host.pk, self.port

    @property
    def from_version(self) -> Version | None:
        return self.origin.version if self.origin else None

    @property
    def to_version(self) -> Version | None:
        return self.goal.version if self.goal else None

    @property
    def changes_version(self) -> bool:
        return value_of(self.origin).version != value_of(self.goal).version

    @property
    def was_stopped(self) -> bool:
        """Whether it was stopped on purpose: it stays stopped."""
        return self.instance is not None and not self.was_up


@dataclass(frozen=True, slots=True)
class StartHindrance:
    """What stands in the way; one that does not block only leaves somebody out, or warns."""

    refusal: Refused
    blocking: bool = True


@dataclass(slots=True)
class Selection:
    candidates: list[Candidate] = field(default_factory=list)
    hindrances: list[StartHindrance] = field(default_factory=list)
    histories: Histories | None = None  # of the places that were looked at
    there: Sequence[Instance] | None = None  # all instances, where all were looked at

    def refuse(self, refusal: Refused) -> None:
        self.hindrances.append(StartHindrance(refusal))

    def insist(self) -> None:
        """Without anybody to begin with, what was only mentioned is why."""
        if not self.candidates and not any(each.blocking for each in self.hindrances):
            self.hindrances[:1] = [replace(each, blocking=True) for each in self.hindrances[:1]]

    @property
    def leaves_out_unseen(self) -> bool:
        """Whether of somebody who is left out it is not known what is there."""
        return any(isinstance(each.refusal, NotLookedAt) for each in self.hindrances)

    def mention(self, refusal: Refused) -> None:
        self.hindrances.append(StartHindrance(refusal, blocking=False))


def fresh(
    host: Host, port: int, goal: Release | None, instance: Instance | None = None
) -> Candidate:
    """Return a place where nothing serves so far."""
    return Candidate(host, port, instance, goal=goal, was_up=instance is not None, was_well=False)


# Who it runs as was decided when it came; that it is ill is no reason to leave it so.
_STARTS_WHAT_IS_THERE = (RolloutKind.RESTART, RolloutKind.START)


def drafted(wish: Wish, version: Version | None, selection: Selection) -> Release | None:
    """Return `version` as it would be run now; where that cannot be meant it is refused, as is what
    would run as root at the word of its package alone, also by leaving out who runs it."""
    if version is None:
        return None
    try:
        if wish.kind not in _STARTS_WHAT_IS_THERE:
            check_user(wish.service, version.spec, version)
        return draft_release(wish.service, version)
    except Refused as refusal:
        selection.refuse(refusal)
        return None


def is_well(instance: Instance) -> bool:
    """Whether the instance serves, as far as anybody knows."""
    is_running = instance.status == InstanceStatus.RUNNING and instance.healthy is not False
    return is_running and not is_unseen(instance)


def is_unseen(instance: Instance) -> bool:
    """Whether its host is another machine since anything was seen of it: what is there now, nobody
    knows."""
    never_ran = instance.status == InstanceStatus.INSTALL_FAILED
    return instance.host.machine_since is not None and instance.seen_at is None and not never_ran


def runs(instance: Instance, version: Version | None) -> bool:
    """Whether `version` is what the instance should run, and does, and is well; one that is stopped
    on purpose only has it."""
    return (
        (is_well(instance) or not is_up(instance))
        and instance.version_id == (version.pk if version else None)
        and (version is None or instance.seen_version in ("", version.name))
        and not is_unseen(instance)
        and not instance.seen_bare
        and not instance.seen_drift
    )


def is_up(instance: Instance) -> bool:
    """Whether people want it up: what they stopped stays stopped."""
    return instance.up and instance.status != InstanceStatus.STOPPED


def is_free(host: Host, instance: Instance | None, wish: Wish, selection: Selection) -> bool:
    """Return whether the place may be touched. A person's lock refuses; of what rests who was named
    is refused, who was not is left out."""
    is_named = wish.names(host.name, instance.port if instance else wish.port)
    if instance is not None and instance.locked_at is not None:
        selection.refuse(locked(instance))
        return False
    if host.state == HostState.MAINTENANCE or (instance is not None and instance.is_maintain):
        say = selection.refuse if is_named else selection.mention
        say(in_maintenance(host))
        return False
    # One that cannot be reached is told as that; what is removed may be anything.
    is_removed = wish.kind is RolloutKind.DELETE
    if instance is not None and is_unseen(instance) and host.host_key and not is_removed:
        say = selection.refuse if is_named else selection.mention
        say(not_looked_at(host))
        return False
    return True


def not_looked_at(host: Host) -> NotLookedAt:
    return NotLookedAt(
        "{host} is another machine, and what is there was not seen yet.",
        hint="Have it looked at: slipway host check {host}",
        host=host.name,
    )


def in_maintenance(host: Host) -> HostInMaintenance:
    return HostInMaintenance(
        "{host} is in maintenance.",
        hint="End the maintenance first, or leave the host as it is.",
        host=host.name,
    )


def nothing_to_do(wish: Wish) -> NothingToDo:
    if wish.version is not None:
        return NothingToDo(
            "{version} runs already, healthy, everywhere it was asked for.",
            hint="To start its processes anew, restart the service.",
            version=wish.version.name,
        )
    return NothingToDo("Nothing is left to {kind}.", kind=wish.kind.value)


def listed(names: list[str]) -> str | Sentence:
    some = ", ".join(shown(name) for name in names[:5])
    if len(names) <= 5:
        return some
    return Sentence.of("and_more", "{shown} and {more} more", shown=some, more=len(names) - 5)

"""Who takes part when an earlier rollout is taken back, or tried again."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from django.db.models import QuerySet

from slipway.core.rollout.told.status import TargetStatus
from slipway.core.rollout.value.words import Heading
from slipway.core.words.kinds import RolloutKind, RolloutStatus
from slipway.core.words.refusal import Refused
from slipway.records.catalog.models import Release
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.histories.entries import Place
from slipway.records.rollouts.models import Rollout, Target
from slipway.records.rollouts.taking_part.goals import no_earlier
from slipway.records.rollouts.taking_part.overtaking import (
    is_as_left,
    moved_away,
    not_as_left,
    overtaken_by,
    superseded,
    taken_back_by_itself,
)
from slipway.records.rollouts.taking_part.situation import Situation
from slipway.records.rollouts.taking_part.withdrawals import warn_of_withdrawn
from slipway.records.rollouts.wish.refusals import NothingToDo, NotOver
from slipway.records.rollouts.wish.seen_long_ago import seen_long_ago, to_be_asked
from slipway.records.rollouts.wish.selection import (
    Candidate,
    Selection,
    drafted,
    fresh,
    is_free,
    is_up,
    is_well,
    runs,
)
from slipway.records.rollouts.wish.wishes import Wish


def select_for_rollback(wish: Wish, rollout: Rollout, now: datetime) -> Selection:
    """Return what `rollout` touched, each on the way to what was there before, or to nothing."""
    selection = Selection()
    if (refusal := _no_way(rollout)) is not None:
        selection.refuse(refusal)
        return selection
    looking = _Looking(wish, rollout, selection)
    for target, instance in looking.at(_targets(wish, rollout).filter(touched=True), _is_back):
        candidate = _back(looking, target, instance)
        if candidate is not None:
            selection.candidates.append(candidate)
    looking.ask_who_was_seen_long_ago(now)
    return _insisting(
        selection,
        NothingToDo("Everything that rollout {number} touched is back.", number=rollout.pk),
    )


def select_for_retry(wish: Wish, rollout: Rollout, now: datetime) -> Selection:
    """Return what `rollout` did not bring to its end, with the settings of now."""
    selection = Selection()
    if not RolloutStatus(rollout.state).is_over:
        selection.refuse(_not_over(rollout))
        return selection
    kind, looking = RolloutKind(rollout.kind), _Looking(wish, rollout, selection)
    drafts = _Drafts(wish, selection)

    def is_done(target: Target, instance: Instance | None) -> bool:
        return _is_as_wished(target, instance, kind) and not looking.has_gone_back(target)

    left = [
        target
        for target in _targets(wish, rollout)
        if not _has_succeeded(target) or looking.has_gone_back(target)
    ]
    for target, instance in looking.at(left, is_done):
        goal = drafts.of(target, kind)
        selection.candidates.append(_once_more(looking, target, instance, goal, kind))
    looking.ask_who_was_seen_long_ago(now)
    warn_of_withdrawn(wish, selection)
    return _insisting(
        selection,
        NothingToDo("Nothing of rollout {number} is left to retry.", number=rollout.pk),
    )


class _Looking:
    """What is at the places of a rollout now."""

    def __init__(self, wish: Wish, rollout: Rollout, selection: Selection) -> None:
        self._wish, self._rollout, self._selection = wish, rollout, selection
        self._now = _now(rollout)
        self._seem_done: list[Instance] = []
        self._overtaken = overtaken_by(rollout)
        self._taken_back = taken_back_by_itself(rollout)
        self.situation = Situation(rollout.service, rollout.environment, list(self._now.values()))
        selection.histories = self.situation.histories

    def at(
        self, targets: Iterable[Target], is_done: Callable[[Target, Instance | None], bool]
    ) -> Iterator[tuple[Target, Instance | None]]:
        """Yield those that are to be touched and may be; the others are left out by name."""
        for target in targets:
            place = target.host_id, target.port
            instance = self._now.get(place)
            if is_done(target, instance):
                self._seem_done += [instance] if instance is not None else []
                continue
            if target.host.environment_id != self._rollout.environment_id:
                self._selection.mention(moved_away(target))
            elif place in self._overtaken:
                self._selection.mention(superseded(target, self._overtaken[place]))
            elif (other := self._present_if_other(target, instance)) is not None:
                self._selection.mention(not_as_left(target, other))
            elif is_free(target.host, instance, self._wish, self._selection):
                yield target, instance

    def ask_who_was_seen_long_ago(self, now: datetime) -> None:
        """That nothing is left is said of what was seen; who was not, lately, is asked."""
        selection = self._selection
        if selection.candidates or selection.hindrances:
            return
        old = to_be_asked(self._seem_done, now, self._wish, selection)
        free = [each for each in old if is_free(each.host, each, self._wish, selection)]
        for each in free:
            candidate = self.situation.candidate(each, self.situation.wanted(each))
            selection.candidates.append(candidate)
        if free:
            selection.mention(seen_long_ago(free))

    def has_gone_back(self, target: Target) -> bool:
        """Whether the rollout has taken it back by itself."""
        return (target.host_id, target.port) in self._taken_back

    def mention(self, refusal: Refused) -> None:
        self._selection.mention(refusal)

    def _present_if_other(self, target: Target, instance: Instance | None) -> Release | None:
        """Return what is there where the rollout did not leave it."""
        if instance is None:
            return None
        present = self.situation.present(instance)
        is_left = is_as_left(target, present, was_taken_back=self.has_gone_back(target))
        return None if is_left else present


class _Drafts:
    """What is brought by a retry: the same version, with the settings of now."""

    def __init__(self, wish: Wish, selection: Selection) -> None:
        self._wish, self._selection = wish, selection
        self._drafts: dict[int, Release | None] = {}

    def of(self, target: Target, kind: RolloutKind) -> Release | None:
        version = target.to_version
        if version is None:
            return None
        if kind is RolloutKind.REVERT and target.to_release is not None:
            return target.to_release  # what was well is brought as it was well
        if version.pk not in self._drafts:
            self._drafts[version.pk] = drafted(self._wish, version, self._selection)
        return self._drafts[version.pk]


def _back(looking: _Looking, target: Target, instance: Instance | None) -> Candidate | None:
    situation = looking.situation
    if instance is None:
        return fresh(target.host, target.port, _from(target))
    if target.from_version is None:
        return situation.candidate(instance, None, up=False)
    kind = RolloutKind(target.rollout.kind)
    # Taken back, a way back leads forth again: to what was there before it.
    goal = _from(target) if kind is RolloutKind.REVERT else situation.way_back(instance)
    if goal is None:
        looking.mention(no_earlier(instance))
        return None
    candidate = situation.candidate(instance, goal)
    return candidate._replace(up=not target.was_stopped and is_up(instance))


def _from(target: Target) -> Release | None:
    if target.from_release is not None or target.from_version is None:
        return target.from_release
    return Release(version=target.from_version, fingerprint="")


def _once_more(
    looking: _Looking,
    target: Target,
    instance: Instance | None,
    goal: Release | None,
    kind: RolloutKind,
) -> Candidate:
    if instance is None:
        return fresh(target.host, target.port, goal)
    if kind is RolloutKind.DEPLOY and target.from_version is None and not is_well(instance):
        return fresh(target.host, target.port, goal, instance)
    situation = looking.situation
    if not kind.moves_version and kind is not RolloutKind.DELETE:
        goal = goal if kind is RolloutKind.APPLY else situation.wanted(instance)
    candidate = situation.candidate(instance, goal, anew=kind is RolloutKind.RESTART)
    if candidate.owed is not None and kind.moves_version:
        return candidate._replace(goal=candidate.owed)
    orders = {RolloutKind.STOP: False, RolloutKind.DELETE: False, RolloutKind.START: True}
    return candidate._replace(up=orders.get(kind, candidate.up))


def _insisting(selection: Selection, nothing: NothingToDo) -> Selection:
    """Refuse where nobody is left: what left them out is why."""
    if not selection.candidates and not selection.hindrances:
        selection.refuse(nothing)
    selection.insist()
    return selection


def _no_way(rollout: Rollout) -> Refused | None:
    if not RolloutStatus(rollout.state).is_over:
        return _not_over(rollout)
    kind = RolloutKind(rollout.kind)
    if kind.moves_version or kind is RolloutKind.DELETE:
        return None
    return NothingToDo(
        "A {kind} changed no version: there is nothing to take back.",
        hint="Use start, stop or restart.",
        kind=kind.value,
    )


def _targets(wish: Wish, rollout: Rollout) -> QuerySet[Target]:
    targets = Target.objects.filter(rollout=rollout).select_related(
        "rollout",
        "host__environment",
        "from_version__package",
        "to_version__package",
        "from_release__version__package",
        "to_release__version__package",
        "back_release",
        "next_back_release",
    )
    if wish.only:
        targets = targets.filter(pk__in=wish.only)
    return targets.order_by("batch", "id")


def _has_succeeded(target: Target) -> bool:
    return target.state == TargetStatus.SUCCEEDED and target.heading == Heading.FORTH


def _is_as_wished(target: Target, instance: Instance | None, kind: RolloutKind) -> bool:
    """Whether the place is, as far as was seen, what the rollout did not bring about."""
    if instance is None:
        # Gone is what a removal wants; an operation on what was there has lost its object.
        return target.to_version is None or kind not in (RolloutKind.DEPLOY, RolloutKind.REVERT)
    if target.to_version is None:
        return False
    return kind.moves_version and runs(instance, target.to_version)


def _is_back(target: Target, instance: Instance | None) -> bool:
    if target.from_version is None:
        return instance is None
    return instance is not None and runs(instance, target.from_version)


def _now(rollout: Rollout) -> dict[Place, Instance]:
    instances = Instance.objects.of(rollout.service, rollout.environment).with_names()
    return {(instance.host_id, instance.port): instance for instance in instances}


def _not_over(rollout: Rollout) -> NotOver:
    return NotOver(
        "Rollout {number} is still under way.",
        hint="Wait for its end, or cancel it first.",
        number=rollout.pk,
    )

"""Where each kind of operation leads an instance; nowhere, where there is nothing to do."""

from functools import cached_property

from slipway.core.hosts.drift_words import has_drifted, read_kept
from slipway.core.release.values import orders_of
from slipway.core.words.instances import InstanceStatus
from slipway.core.words.kinds import RolloutKind
from slipway.records.catalog.models import Release, Version
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.histories.ways_back import value_of
from slipway.records.rollouts.models import WellState
from slipway.records.rollouts.taking_part.situation import Situation
from slipway.records.rollouts.wish.refusals import NoEarlierVersion, NothingThere
from slipway.records.rollouts.wish.selection import (
    Candidate,
    Selection,
    drafted,
    is_up,
    is_well,
    runs,
)
from slipway.records.rollouts.wish.wishes import Wish


class Goals:
    """With `is_sure` what is as it should be by what was seen, goes nowhere."""

    def __init__(
        self, wish: Wish, selection: Selection, situation: Situation, *, is_sure: bool = True
    ) -> None:
        self._wish, self._selection, self._situation = wish, selection, situation
        self._is_sure = is_sure
        self._drafts: dict[int, Release | None] = {}

    def of(self, instance: Instance) -> Candidate | None:
        """Return the instance on its way, or None; who cannot go is mentioned by name."""
        goals = {
            RolloutKind.UPGRADE: self._upgraded,
            RolloutKind.REVERT: self._reverted,
            RolloutKind.APPLY: self._applied,
            RolloutKind.RESTART: self._restarted,
            RolloutKind.STOP: self._stopped,
            RolloutKind.START: self._started,
            RolloutKind.DELETE: self._deleted,
        }
        return goals[self._wish.kind](instance)

    def _upgraded(self, instance: Instance) -> Candidate | None:
        return self._brought(instance, self._drafted(self._wish.version))

    def _applied(self, instance: Instance) -> Candidate | None:
        if instance.status == InstanceStatus.INSTALL_FAILED:
            return None
        goal = self._drafted(instance.version)
        if goal is not None and self._wish.names(instance.host.name, instance.port):
            return self._situation.candidate(instance, goal)
        return self._brought(instance, goal)

    def _brought(self, instance: Instance, goal: Release | None) -> Candidate | None:
        if goal is None:
            return None
        is_alike = value_of(goal).is_like(value_of(self._situation.present(instance)))
        is_as_ordered = is_alike and not _has_other_orders(instance)
        if self._is_sure and is_as_ordered and runs(instance, goal.version):
            return None
        # Several places may share a release: each is started anew, whoever comes first.
        is_otherwise = has_drifted(read_kept(instance.seen_drift))
        return self._situation.candidate(instance, goal, anew=is_otherwise)

    def _reverted(self, instance: Instance) -> Candidate | None:
        if instance.status == InstanceStatus.INSTALL_FAILED:
            goal = None
        elif self._wish.settings_back:
            goal = self._situation.settings_back(instance)
        elif self._wish.version is not None:
            goal = self._well_before(instance, self._wish.version)
            if goal is None or (self._is_sure and runs(instance, goal.version)):
                return None
        else:
            goal = self._situation.way_back(instance)
        if goal is None:
            self._selection.mention(no_earlier(instance))
            return None
        return self._situation.candidate(instance, goal)

    def _well_before(self, instance: Instance, version: Version) -> Release | None:
        """Return `version` with the settings by which it was well here, or else where."""
        here = self._situation.well(instance, version)
        return here or self._well_elsewhere or self._drafted(version)

    @cached_property
    def _well_elsewhere(self) -> Release | None:
        wish = self._wish
        wells = WellState.objects.filter(
            service=wish.service, release__version=wish.version, host__environment=wish.environment
        )
        newest = wells.select_related("release__version__package").order_by("-id").first()
        return newest.release if newest else None

    def _restarted(self, instance: Instance) -> Candidate | None:
        if not is_up(instance) or instance.status == InstanceStatus.INSTALL_FAILED:
            return None
        return self._renewed(instance, anew=True)

    def _stopped(self, instance: Instance) -> Candidate | None:
        is_to_go = is_up(instance) or not self._is_sure
        return self._as_it_is(instance, up=False) if is_to_go else None

    def _started(self, instance: Instance) -> Candidate | None:
        is_there = self._is_sure and is_well(instance)
        if is_there or instance.status == InstanceStatus.INSTALL_FAILED:
            return None
        return self._renewed(instance)

    def _renewed(self, instance: Instance, *, anew: bool = False) -> Candidate | None:
        """What is started is started with the settings of now; what is not there cannot be."""
        if instance.seen_bare:
            self._selection.mention(nothing_there(instance))
            return None
        goal = self._drafted(instance.version)
        if goal is None:
            return None
        return self._situation.candidate(instance, goal, up=True, anew=anew)

    def _as_it_is(self, instance: Instance, *, up: bool) -> Candidate:
        goal = self._situation.wanted(instance)
        return self._situation.candidate(instance, goal, up=up)

    def _deleted(self, instance: Instance) -> Candidate | None:
        return self._situation.candidate(instance, None, up=False)

    def _drafted(self, version: Version | None) -> Release | None:
        key = version.pk if version else 0
        if key not in self._drafts:
            self._drafts[key] = drafted(self._wish, version, self._selection)
        return self._drafts[key]


def _has_other_orders(instance: Instance) -> bool:
    """Whether weight or tag were changed since its process was started, as far as that was seen."""
    _, _, orders = instance.seen_started_with.partition(".")
    return bool(orders) and orders != orders_of(instance.weight, instance.tag)


def may_go_back_to(wish: Wish, version: Version) -> bool:
    """Return whether `version` was well somewhere in the environment, or a person takes it upon
    themselves."""
    if wish.even_if_never_well:
        return True
    wells = WellState.objects.filter(
        service=wish.service, release__version=version, host__environment=wish.environment
    )
    return wells.exists()


def never_well(wish: Wish, version: Version) -> NoEarlierVersion:
    return NoEarlierVersion(
        "{version} never was well in {environment}.",
        hint="Use upgrade to put it there for the first time.",
        version=version.name,
        environment=wish.environment.name,
    )


def nothing_there(instance: Instance) -> NothingThere:
    return NothingThere(
        "{instance} is not there any more: its host was found without it.",
        hint="Put everything back on this host: slipway host restore {host}",
        instance=instance.said,
        host=instance.host.name,
    )


def no_earlier(instance: Instance) -> NoEarlierVersion:
    return NoEarlierVersion(
        "{instance} has no way back.",
        hint="Upgrade it, or remove it.",
        instance=instance.said,
    )

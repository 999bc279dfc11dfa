"""The plan as a value: places, releases, hosts and policy, from who takes part."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from slipway.core.release.layout import InstanceContext
from slipway.core.release.operations import limit_of
from slipway.core.release.timed_steps import Change
from slipway.core.release.values import orders_of
from slipway.core.rollout.plans.batches import Batches
from slipway.core.rollout.plans.plan import (
    Plan,
    PlannedHost,
    PlannedPlace,
    PlannedRelease,
    key_of,
)
from slipway.core.rollout.steps_of_way import steps_of_way
from slipway.core.rollout.value.history import NOTHING
from slipway.core.rollout.value.history import Release as Value
from slipway.core.rollout.value.planned import Planned
from slipway.core.rollout.value.words import Way
from slipway.core.spec.values import ReleaseSpec
from slipway.core.words.instances import InstanceStatus
from slipway.core.words.kinds import FORTH
from slipway.core.words.names import natural, place_name
from slipway.core.words.refusal import Refused
from slipway.records.catalog.models import Release
from slipway.records.catalog.operations.releases import spec_of_release
from slipway.records.catalog.queries.services import get_package_ref
from slipway.records.fleet.models import Host, HostState, Instance, SshKey
from slipway.records.rollouts.histories.ways_back import releases_by_id, value_of
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.plan.pace_back import brought_by, numbers_of
from slipway.records.rollouts.plan.policies import policy_of
from slipway.records.rollouts.wish.gates import is_reachable
from slipway.records.rollouts.wish.selection import Candidate, Selection, is_up, is_well
from slipway.records.rollouts.wish.wishes import Wish
from slipway.records.rows.facts import read_as


def in_order(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return the ill ones first: a rollout may heal them and can break less there. Unreachable ones
    come last, where they keep nobody waiting and are no canary. Else web-2 goes before web-10."""

    def key(one: Candidate) -> tuple[object, ...]:
        return not is_reachable(one.host), one.was_well, natural(one.host.name), one.port

    return tuple(sorted(candidates, key=key))


class PlanMaker:
    """Makes one plan; what cannot be meant is refused by name, and leaves no plan half made."""

    def __init__(self, wish: Wish, selection: Selection, standing: Sequence[Instance]) -> None:
        self._wish, self._selection = wish, selection
        self._standing = standing  # places that take room, and are no targets
        self._keys: Mapping[int, str] = dict(SshKey.objects.values_list("pk", "name"))
        self._releases: dict[str, PlannedRelease] = {}
        self._unreadable: set[str] = set()
        self._refused: set[str] = set()
        self._limits: dict[tuple[object, ...], timedelta] = {}

    def plan(self, ordered: Sequence[Candidate]) -> Plan:
        wish = self._wish
        before = brought_by(wish, ordered) if wish.goes_back else None
        batches = str(Batches.parse(wish.batches or self._batches(before)))
        policy = policy_of(wish, ordered, self._standing, before)
        numbers = numbers_of(wish, batches, ordered)
        pairs = zip(ordered, numbers, strict=True)
        targets = [self._target(candidate, batch) for candidate, batch in pairs]
        others = [self._other(each) for each in self._standing]
        hosts = [*(each.host for each in ordered), *(each.host for each in self._standing)]
        return Plan(
            kind=wish.kind,
            service=wish.service.name,
            environment=wish.environment.name,
            version=wish.version.name if wish.version else "",
            batches=batches,
            policy=policy,
            places=(*targets, *others),
            hosts={host.name: self._host(host) for host in hosts},
            releases=self._releases,
            deadline=wish.environment.progress_deadline.total_seconds(),
        )

    def _batches(self, before: Rollout | None) -> str:
        """What goes back goes as it came."""
        return (before.batches if before else "") or self._wish.environment.batches

    def _target(self, candidate: Candidate, batch: int) -> PlannedPlace:
        is_bare = candidate.origin is None and candidate.goal is not None
        needs_package = self._wish.kind in FORTH or is_bare
        goal = self._release(candidate.goal, needs_package=needs_package, insist=True)
        origin = self._release(candidate.origin, insist=candidate.goal is None)
        back, next_back = self._release(candidate.back), self._release(candidate.next_back)
        instance = candidate.instance
        weight, tag = (instance.weight, instance.tag) if instance else (100, "")
        limit = self._limit(candidate).total_seconds()
        planned = Planned(
            place=place_name(candidate.host.name, candidate.port),
            origin=origin or NOTHING,
            goal=goal or NOTHING,
            back=back,
            next_back=next_back,
            batch=batch,
            up=candidate.up,
            was_up=candidate.was_up,
            was_well=candidate.was_well,
            is_new=candidate.is_new,
            anew=candidate.anew,
            orders=orders_of(weight, tag),
            deadline=max(limit, self._wish.environment.progress_deadline.total_seconds()),
        )
        return PlannedPlace(planned, candidate.host.name, candidate.port, weight, tag, limit)

    def _other(self, instance: Instance) -> PlannedPlace:
        """Return a place that only takes room: nothing is brought there."""
        present = self._release(instance.release) or Value(
            instance.version.name if instance.version else ""
        )
        planned = Planned(
            place=place_name(instance.host.name, instance.port),
            origin=present,
            goal=present,
            batch=0,
            was_well=is_well(instance),
            orders=orders_of(instance.weight, instance.tag),
        )
        weight, tag = instance.weight, instance.tag
        return PlannedPlace(planned, instance.host.name, instance.port, weight, tag)

    def _host(self, host: Host) -> PlannedHost:
        return read_as(
            PlannedHost,
            host,
            key=self._keys[host.key_id],
            tools=tuple(map(str, host.facts.get("tools", ()))),
        )

    # --- releases --------------------------------------------------------------------------------

    def _release(
        self, release: Release | None, *, needs_package: bool = False, insist: bool = False
    ) -> Value | None:
        """Note how a release is run, and return its value. One that nobody can read any more is
        named by its version alone, unless the rollout cannot do without it."""
        if release is None:
            return None
        value = value_of(release)
        key = key_of(value)
        if key in self._releases or (key in self._unreadable and not insist):
            return value
        try:
            package = get_package_ref(release.version)
        except Refused as refusal:
            package = None
            if needs_package:
                self._refuse(key, refusal)
        try:
            self._releases[key] = PlannedRelease(value, spec_of_release(release), package)
        except Refused as refusal:
            self._unreadable.add(key)
            if insist:
                self._refuse(key, refusal)
        return value

    def _refuse(self, key: str, refusal: Refused) -> None:
        if key not in self._refused:
            self._refused.add(key)
            self._selection.refuse(refusal)

    def _limit(self, candidate: Candidate) -> timedelta:
        """Return what the steps there may take, forth or back, whichever is more; having tried
        what would be done: what cannot be meant is refused here, not half-way."""
        # A thousand places that are alike: their steps differ in the name of the host alone.
        origin, goal = value_of(candidate.origin), value_of(candidate.goal)
        back = value_of(candidate.back)
        alike = (
            *(origin.version, origin.fingerprint, goal.version, goal.fingerprint),
            *(back.version, back.fingerprint),
            *(candidate.up, candidate.was_up, candidate.is_new),
            *(candidate.host.root, candidate.port),
        )
        if alike not in self._limits:
            self._limits[alike] = self._both_limits(candidate)
        return self._limits[alike]

    def _both_limits(self, candidate: Candidate) -> timedelta:
        forth = self._steps_limit(candidate, candidate.goal, up=candidate.up, insist=True)
        if candidate.back is None and not candidate.is_new:
            return forth
        back = self._steps_limit(candidate, candidate.back, up=candidate.was_up, insist=False)
        return max(forth, back)

    def _steps_limit(
        self, candidate: Candidate, goal: Release | None, *, up: bool, insist: bool
    ) -> timedelta:
        run_by = goal or candidate.origin or candidate.goal
        noted = self._releases.get(key_of(value_of(run_by)))
        if noted is None:
            return timedelta(0)
        way = self._way(candidate, goal, up=up)
        change = Change(self._wish.kind, 1, _name(candidate.origin), _name(goal))
        try:
            steps = steps_of_way(way, self._context(candidate), noted.spec, change, noted.package)
        except Refused as refusal:
            if insist:
                self._refuse(refusal.message, refusal)
            return timedelta(0)
        return limit_of(steps, noted.spec if way is Way.BRING else ReleaseSpec())

    def _way(self, candidate: Candidate, goal: Release | None, *, up: bool) -> Way:
        if goal is None:
            return Way.REMOVE
        if up:
            return Way.BRING
        return Way.STOP if value_of(goal) == value_of(candidate.origin) else Way.REST

    def _context(self, candidate: Candidate) -> InstanceContext:
        return InstanceContext(
            service=self._wish.service.name,
            environment=self._wish.environment.name,
            host=candidate.host.name,
            root=candidate.host.root,
            port=candidate.port or None,
        )


def standing(wish: Wish, there: Iterable[Instance] | None = None) -> list[Instance]:
    """Return the places of the service that are meant to be up, in any order. A person's orders
    take stopped ones and those in maintenance out of it. `there` are all instances, where somebody
    has read them."""
    if there is None:
        instances = Instance.objects.of(wish.service, wish.environment)
        there = instances.select_related("host").prefetch_related("version")
    return [each for each in there if is_meant_up(each)]


def taking_room(found: Iterable[Instance]) -> list[Instance]:
    """Return places that are no targets as a plan names them: with their releases, in order."""
    found = list(found)
    releases = releases_by_id(each.release_id for each in found if each.release_id)
    for each in found:
        each.release = releases.get(each.release_id or 0)
    return sorted(found, key=lambda each: (natural(each.host.name), each.port))


def is_meant_up(instance: Instance) -> bool:
    rests = instance.is_maintain or instance.host.state == HostState.MAINTENANCE
    is_there = instance.version_id is not None and instance.status != InstanceStatus.INSTALL_FAILED
    return is_up(instance) and is_there and not rests


def _name(release: Release | None) -> str:
    return release.version.name if release else ""

"""The chains of a rollout's targets, as they are sent, or joined where an earlier driver sent
them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from slipway.core.hosts.seen import Observation, TicketResult
from slipway.core.release.steps import Chain, Fence, PackageRef, Unpack
from slipway.core.release.timed_steps import TimedStep, filled_check
from slipway.core.rollout.chain_reports import Chained, obstacle_in
from slipway.core.rollout.chains import (
    UPLOAD,
    chain_for,
    package_of,
    present_of,
    release_of,
    steps_for,
)
from slipway.core.rollout.plans.plan import PlannedRelease
from slipway.core.rollout.value.rollout import Rollout as Value
from slipway.core.rollout.value.rollout import Target
from slipway.core.rollout.value.words import Stage
from slipway.core.spec.host_needs import no_systemd, no_user
from slipway.core.spec.supervisors import TRAITS
from slipway.core.spec.values import HealthCheck
from slipway.core.words.sentence import Sentence
from slipway.records.rollouts.run.loading import Loaded
from slipway.records.rollouts.run.writing.minutes import Intent


@dataclass(frozen=True, slots=True)
class Sent:
    """A chain under its ticket: the steps with their names, and the package that goes before."""

    ticket: str
    steps: tuple[TimedStep, ...]
    tickets: tuple[tuple[str, str], ...]  # (name, ticket) of steps on the host
    package: PackageRef | None
    upload: str = ""  # its ticket in our rows; "" where nothing is to be moved any more

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        return ((UPLOAD, self.upload), *self.tickets) if self.upload else self.tickets

    def chained(self, heard: Mapping[str, TicketResult]) -> list[Chained]:
        """Return what is known of each step."""
        return [_chained(name, ticket, heard.get(ticket)) for name, ticket in self.tickets]

    def unpacking(self, package: PackageRef) -> "Sent":
        """Return the same with the package in the form in which it is sent to this host."""
        steps = tuple(
            step._replace(step=replace(step.step, package=package))
            if isinstance(step.step, Unpack)
            else step
            for step in self.steps
        )
        return replace(self, steps=steps, package=package)


class Chains:
    """Remembers what was sent where, and what hosts said is there."""

    def __init__(self, loaded: Loaded, keep: dict[int, tuple[str, ...]]) -> None:
        self._loaded = loaded
        self._keep = keep
        self._sent: dict[str, Sent] = {}
        self._seen: dict[str, Observation] = {}
        for place, target in loaded.value.targets.items():
            if target.stage in (Stage.IN_HAND, Stage.ASKED) and target.is_target:
                self._recall(place, target)

    # --- what hosts said ---------------------------------------------------------------------

    def note(self, host: str, seen: Observation) -> None:
        self._seen[host] = seen

    def obstacle(self, target: Target, seen: Observation) -> Sentence | None:
        """Return why the host cannot take what the target needs."""
        plan = self._loaded.plan
        wanted = release_of(plan, target)
        package = wanted.package if wanted else None
        place = self._loaded.places[target.place]
        if wanted and (missing := self._missing(target, wanted, seen)):
            return missing
        return obstacle_in(
            seen,
            host=place.host,
            root=plan.hosts[place.host].root,
            version=target.goal.version,
            package_size=max(package.unpacked_size, package.size) if package else 0,
        )

    def _missing(
        self, target: Target, wanted: PlannedRelease, seen: Observation
    ) -> Sentence | None:
        """Return what the release needs there and was seen to be missing just now."""
        place = self._loaded.places[target.place]
        if not seen.systemd and TRAITS[wanted.spec.supervisor].needs_systemd:
            return no_systemd(place.host)
        one = seen.find(self._loaded.plan.context(place).instance)
        return no_user(place.host, wanted.spec.user) if one and one.lacks_user else None

    def user(self, target: Target) -> str:
        """Return as whom is to run what is brought to a place; "" where that was begun."""
        is_new = target.is_target and not target.touched
        wanted = release_of(self._loaded.plan, target) if is_new else None
        return wanted.spec.user if wanted else ""

    def check(self, target: Target) -> HealthCheck | None:
        """Return the check of what is expected to run at a place now."""
        plan = self._loaded.plan
        touched = target.touched and target.is_target
        expected = release_of(plan, target) if touched else present_of(plan, target)
        if expected is None or (touched and not target.up):
            return None
        context = plan.context(self._loaded.places[target.place])
        return filled_check(expected.spec.health, context.places(expected.value.version))

    # --- chains ------------------------------------------------------------------------------

    def of(self, place: str) -> Sent | None:
        return self._sent.get(place)

    def intents(self, before: Value, after: Value) -> list[Intent]:
        """Return the steps of targets that are taken in hand, to be written down before they are
        sent."""
        return [
            self._intend(after, target)
            for place, target in after.targets.items()
            if target.stage is Stage.IN_HAND and _is_taken(before.targets[place], target)
        ]

    def _intend(self, value: Value, target: Target) -> Intent:
        place = self._loaded.places[target.place]
        seen = self._seen.get(place.host)
        there = seen.releases if seen else ()
        package = package_of(self._loaded.plan, target, there)
        sent = self._make(value.ticket(target), target, package)
        self._sent[target.place] = sent
        return Intent(target.place, target.heading.value, target.attempt + 1, sent.rows)

    def _make(
        self,
        ticket: str,
        target: Target,
        package: PackageRef | None,
        begun: frozenset[str] = frozenset(),
    ) -> Sent:
        loaded = self._loaded
        place, row = loaded.places[target.place], loaded.rows[target.place]
        steps = steps_for(
            loaded.plan,
            place,
            target,
            loaded.value.number,
            keep=self._keep.get(row.host_id, ()),
            package=package,
            begun=begun,
        )
        names = loaded.names(target.place)
        tickets = tuple((step.name, names.ticket(target, step.name)) for step in steps)
        upload = names.ticket(target, UPLOAD) if package else ""
        return Sent(ticket, steps, tickets, package, upload)

    def _recall(self, place: str, target: Target) -> None:
        """Make anew what an earlier driver has sent, from the rows that it left."""
        begun = self._loaded.rows[place].begun
        if not begun:
            return
        names = frozenset(name for name, _, _ in begun)
        wanted = release_of(self._loaded.plan, target)
        package = wanted.package if wanted and "unpack" in names else None
        made = self._make(self._loaded.value.ticket(target), target, package, names)
        steps = tuple(step for step in made.steps if step.name in names)
        tickets = tuple((name, ticket) for name, ticket, _ in begun if name != UPLOAD)
        pending = [t for name, t, is_over in begun if name == UPLOAD and not is_over]
        upload = pending[0] if pending else ""
        self._sent[place] = Sent(made.ticket, steps, tickets, package, upload)

    def chain(self, target: Target, sent: Sent, fence: Fence) -> Chain:
        loaded = self._loaded
        place = loaded.places[target.place]
        names = loaded.names(target.place)
        return chain_for(loaded.plan, place, target, sent.steps, names, fence)


def _is_taken(old: Target, new: Target) -> bool:
    same = (old.stage, old.heading, old.attempt)
    return same != (new.stage, new.heading, new.attempt)


def _chained(name: str, ticket: str, result: TicketResult | None) -> Chained:
    if result is None:
        return Chained(name, ticket)
    return Chained(name, ticket, result.exit_code, result.output, result.interrupted)

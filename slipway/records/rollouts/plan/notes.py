"""What is said beside a plan: what would make it wait, and what people should know first."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from slipway.core.release.boot_unit import why_not_at_boot
from slipway.core.rollout.plans.differences import named
from slipway.core.rollout.plans.plan import Plan, PlannedPlace, key_of
from slipway.core.spec.supervisors import TRAITS
from slipway.core.words.durations import format_duration
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.names import place_name
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence
from slipway.records.fleet.models import Host, Instance
from slipway.records.rollouts.plan.policies import is_serving
from slipway.records.rollouts.wish.gates import is_reachable
from slipway.records.rollouts.wish.refusals import NoneServes, NoRoom
from slipway.records.rollouts.wish.selection import Candidate


def warnings(
    plan: Plan, targets: Sequence[Candidate], standing: Sequence[Instance]
) -> Iterator[Refused]:
    """Yield what would make the rollout wait and ask, as far as was seen before its start."""
    if plan.policy.none_serves_is_known:
        yield NoneServes(
            "No instance of {service} in {environment} serves now.",
            hint="Start it if you know why: it goes on without asking.",
            service=plan.service,
            environment=plan.environment,
        )
        return
    # What is ill and can be reached is healed by its own turn; these stay away.
    away = [place_name(each.host.name, each.port) for each in standing if not is_serving(each)]
    away += [
        place_name(each.host.name, each.port)
        for each in targets
        if each.was_up and each.origin is not None and not is_reachable(each.host)
    ]
    would_take = any(each.was_well and is_reachable(each.host) for each in targets)
    if would_take and len(away) >= plan.policy.allowed_away and not plan.policy.is_way_back:
        yield NoRoom(
            "No room to go on: {places} are away, and {allowed} may be.",
            hint="Mend them, or leave them out: --without {places}",
            places=named(away),
            allowed=plan.policy.allowed_away,
        )


def notes(plan: Plan) -> Iterator[Sentence]:
    """Yield what the plan means for places that are not like the others, and how long each has."""
    targets = plan.targets
    if plan.kind is RolloutKind.REVERT and not plan.policy.is_way_back:
        template = "Not every place was well with it before: it goes by the rules of an upgrade."
        yield Sentence.of("leads_forth", template)
    meant = [place for place in plan.places if place.planned.was_up and place.planned.origin]
    if len(meant) == 1 and meant[0].planned.is_target and _takes_away(plan):
        template = "{place} is the only instance: the service is away for a moment."
        yield Sentence.of("only_place", template, place=meant[0].planned.place)
    yield from _of_places(targets)
    if plan.kind is RolloutKind.REVERT:
        yield from _pace_back(plan)
    if targets:
        yield _patience(plan)


def _patience(plan: Plan) -> Sentence:
    """Say how long silence is borne: at least as long as what was asked there may take."""
    given = max(place.planned.deadline for place in plan.targets)
    said = {"given": _time(given), "set": _time(plan.deadline), "environment": plan.environment}
    if given <= plan.deadline:
        return Sentence.of(
            "deadlines",
            "A host that falls silent midway is waited for {given}; then its instance counts as"
            " not known.",
            given=said["given"],
        )
    return Sentence.of(
        "deadlines",
        "A host that falls silent midway is waited for {given}, longer than the {set} of"
        " {environment}: so long may the steps of this release take, by the timeouts of its spec.",
        **said,
    )


def _time(seconds: float) -> str:
    return format_duration(timedelta(seconds=round(seconds)))


def not_at_boot(plan: Plan, targets: Sequence[Candidate]) -> Iterator[Sentence]:
    """Yield which places will be left down by a restart of their host, which starts no scripts."""
    by_scripts = {
        key for key, each in plan.releases.items() if TRAITS[each.spec.supervisor].scripts
    }
    places = [
        place.planned.place
        for place, candidate in zip(plan.targets, targets, strict=True)
        if place.planned.up
        and key_of(place.planned.goal) in by_scripts
        and _starts_no_scripts(candidate.host)
    ]
    if places:
        template = (
            "{places}: by its own scripts, and not started again when the host is restarted. "
            "`slipway host check` tells why."
        )
        yield Sentence.of("not_at_boot", template, places=named(places))


def _starts_no_scripts(host: Host) -> bool:
    return why_not_at_boot(host.name, host.user, host.become, host.facts) is not None


def _takes_away(plan: Plan) -> bool:
    return plan.kind not in (RolloutKind.STOP, RolloutKind.START, RolloutKind.DELETE)


def _pace_back(plan: Plan) -> Iterator[Sentence]:
    """Say how fast it goes back, and why."""
    first = [t for t in plan.targets if t.planned.batch == 1]
    ill = [t.planned.place for t in first if not t.planned.was_well]
    well = [t.planned.place for t in plan.targets if t.planned.was_well]
    if ill:
        template = "{places}: not well as last seen, so at once: nothing that serves is taken away."
        yield Sentence.of("back_at_once", template, places=named(ill))
    if well:
        yield Sentence.of(
            "back_in_batches",
            "{places}: well as last seen, so in batches ({batches}), at most {away} away at once.",
            places=named(well),
            batches=plan.batches,
            away=plan.policy.allowed_away,
        )


def _of_places(targets: Sequence[PlannedPlace]) -> Iterator[Sentence]:
    groups = (
        (
            "stays_stopped",
            "{places}: stopped on purpose, and stays so; switched, not started.",
            [t for t in targets if stays_stopped(t)],
        ),
        (
            "settings_change",
            "{places}: the same version, with other settings.",
            [t for t in targets if settings_change(t)],
        ),
        (
            "no_way_back",
            "{places}: no way back. When it goes wrong, it stays as it is then.",
            [t for t in targets if _has_no_way_back(t)],
        ),
    )
    for code, template, places in groups:
        if places:
            yield Sentence.of(code, template, places=named(p.planned.place for p in places))


def stays_stopped(place: PlannedPlace) -> bool:
    planned = place.planned
    return not planned.up and not planned.was_up and bool(planned.goal)


def settings_change(place: PlannedPlace) -> bool:
    planned = place.planned
    return not planned.changes_version and not planned.goal.is_like(planned.origin)


def _has_no_way_back(place: PlannedPlace) -> bool:
    planned = place.planned
    return (
        bool(planned.goal)
        and planned.changes_version
        and planned.back is None
        and not planned.is_new
    )

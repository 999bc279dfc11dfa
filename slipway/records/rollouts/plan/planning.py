"""What a rollout would do, and what stands in its way: reads everything, changes nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models.functions import Now

from slipway.core.rollout.plans.hashing import plan_hash
from slipway.core.rollout.plans.outlook import Obstacle, Outlook, PlannedTarget, checks_of
from slipway.core.rollout.plans.plan import Plan, PlannedPlace, key_of
from slipway.core.rollout.plans.spec_changes import spec_changes
from slipway.core.rollout.told.time_left import TimeLeft
from slipway.core.spec.values import HealthCheck
from slipway.core.words.kinds import FORTH
from slipway.core.words.names import place_name
from slipway.core.words.refusal import Refused
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Environment, Instance
from slipway.records.rollouts.histories.reading import Histories
from slipway.records.rollouts.histories.time_left import usual_time_of
from slipway.records.rollouts.plan.floors import below_floors, may_go_below
from slipway.records.rollouts.plan.good_signs import good_signs
from slipway.records.rollouts.plan.hidden_changes import hidden_changes
from slipway.records.rollouts.plan.notes import (
    not_at_boot,
    notes,
    settings_change,
    stays_stopped,
    warnings,
)
from slipway.records.rollouts.plan.plan_maker import PlanMaker, in_order, standing, taking_room
from slipway.records.rollouts.plan.releases_there import releases_on_hosts
from slipway.records.rollouts.plan.remedies import command_for
from slipway.records.rollouts.plan.settings import (
    changes_since_upload,
    may_see_values,
    planned_rules,
    planned_settings,
    runs_as_root,
)
from slipway.records.rollouts.taking_part.candidates import select
from slipway.records.rollouts.taking_part.deploys import refuse_taken_ports
from slipway.records.rollouts.taking_part.followups import select_for_retry, select_for_rollback
from slipway.records.rollouts.taking_part.going_back import as_it_leads
from slipway.records.rollouts.taking_part.situation import with_ways_back
from slipway.records.rollouts.wish.gates import closed_gates, hosts_in_trouble, is_reachable
from slipway.records.rollouts.wish.host_needs import lacking_on_hosts
from slipway.records.rollouts.wish.named_users import refuse_unnamed
from slipway.records.rollouts.wish.refusals import NoInstances, UnknownHost
from slipway.records.rollouts.wish.selection import Candidate, Selection, StartHindrance, listed
from slipway.records.rollouts.wish.wishes import Wish


@dataclass(frozen=True, slots=True)
class Drawing:
    """A plan with what surrounds it, and the things it is about; `candidates` are in the order of
    the plan's targets."""

    outlook: Outlook
    candidates: tuple[Candidate, ...]
    hindrances: tuple[StartHindrance, ...]
    wish: Wish  # as it leads
    below: Refused | None = None  # how it is less careful than the environment

    @property
    def plan(self) -> Plan:
        return self.outlook.plan


def make_plan(wish: Wish, now: datetime | None = None, by: Actor | None = None) -> Outlook:
    """Return what would happen. Without `now` the database's clock says what time it is; with `by`
    it is told where that is less careful than the environment, and whether they may.

    Raises Invalid when batches or budgets cannot be read.
    """
    now = now or Environment.objects.annotate(clock=Now()).get(pk=wish.environment.pk).clock
    drawing = draw(wish, now, by)
    closed = closed_gates(drawing.wish, now, by, drawing.candidates)
    gates = [StartHindrance(each) for each in closed]
    if by is not None and drawing.below is not None:
        gates.append(StartHindrance(drawing.below, blocking=not may_go_below(wish, by)))
    in_the_way = map(_obstacle, (*gates, *drawing.hindrances))
    obstacles = tuple(
        replace(each, command=command_for(each.sentence, wish, by)) for each in in_the_way
    )
    settings = planned_settings(wish, drawing.candidates, by)
    hidden = hidden_changes(drawing.candidates)
    brings = wish.kind in FORTH
    as_root = runs_as_root(settings) if brings else ()
    said = (*as_root, *drawing.outlook.notes, *changes_since_upload(settings), *hidden)
    return replace(
        drawing.outlook,
        obstacles=obstacles,
        settings=settings,
        rules=planned_rules(wish, drawing.plan),
        notes=said,
        good_signs=tuple(good_signs(drawing.outlook, drawing.candidates, wish, by) if by else ()),
        usual=_usual(drawing),
        spec_changes=spec_changes(drawing.plan, is_open=may_see_values(wish, by)),
    )


def _usual(drawing: Drawing) -> TimeLeft | None:
    places = [each.place if is_reachable(each.host) else None for each in drawing.candidates]
    wish = drawing.wish
    return usual_time_of(drawing.plan, wish.service.pk, wish.environment.pk, places)


def draw(wish: Wish, now: datetime, by: Actor | None) -> Drawing:
    """Return the plan from what is known now, without the gates that depend on who asks and when.
    Nothing is said of what `by` may not see.

    Raises Invalid when batches or budgets cannot be read.
    """
    selection = _select(wish, now)
    there = standing(wish, selection.there)
    taking_part = list(_taking_part(wish, selection, there))
    hosts_in_trouble(taking_part, wish, selection)
    refuse_taken_ports(wish, selection, by)
    known = selection.histories or Histories(wish.service.pk)
    known = known.including(each.place for each in taking_part)
    ways = with_ways_back(taking_part, wish.environment, known)
    wish = as_it_leads(wish, ways, known)
    ordered = in_order(ways)
    refuse_unnamed(wish, ordered, selection)
    others = _others(wish, ordered, there)
    plan = PlanMaker(wish, selection, others).plan(ordered)
    for warning in (*lacking_on_hosts(plan, ordered), *warnings(plan, ordered, others)):
        selection.mention(warning)
    check = _check(plan)
    outlook = Outlook(
        plan=plan,
        hash=plan_hash(plan),
        targets=_lines(plan, ordered, wish),
        obstacles=tuple(_obstacle(each) for each in selection.hindrances),
        notes=(*notes(plan), *not_at_boot(plan, ordered)),
        checks=checks_of(check) if check else (),
        settle_time=check.min_healthy_time if check else timedelta(0),
    )
    below = below_floors(wish, plan, ordered, others)
    return Drawing(outlook, ordered, tuple(selection.hindrances), wish, below)


def _select(wish: Wish, now: datetime) -> Selection:
    if wish.reverts is not None and wish.retry_of is None:
        return select_for_rollback(wish, wish.reverts, now)
    if wish.retry_of is not None:
        return select_for_retry(wish, wish.retry_of, now)
    selection = select(wish, now)
    selection.insist()
    if not selection.candidates and not selection.hindrances:
        selection.refuse(
            NoInstances(
                "{service} is nowhere in {environment}.",
                hint="Deploy it to hosts first.",
                service=wish.service.name,
                environment=wish.environment.name,
            )
        )
    return selection


def _taking_part(
    wish: Wish, selection: Selection, there: Sequence[Instance]
) -> Iterator[Candidate]:
    """Yield who takes part. Unreachable hosts that are to be skipped stay places that count as
    away; who is left out by name is no part of the rollout at all."""
    _refuse_strangers(wish, selection, there)
    skipped = wish.skip_unreachable and any(is_reachable(c.host) for c in selection.candidates)
    for candidate in selection.candidates:
        named = _is_named(wish, candidate.host.name, candidate.port)
        if not named and (is_reachable(candidate.host) or not skipped):
            yield candidate


def _others(wish: Wish, targets: Sequence[Candidate], there: Sequence[Instance]) -> list[Instance]:
    taken = {(each.host.pk, each.port) for each in targets}
    return taking_room(
        each
        for each in there
        if (each.host_id, each.port) not in taken and not _is_named(wish, each.host.name, each.port)
    )


def _is_named(wish: Wish, host: str, port: int) -> bool:
    if not wish.without:
        return False
    return host in wish.without or place_name(host, port) in wish.without


def _refuse_strangers(wish: Wish, selection: Selection, there: Sequence[Instance]) -> None:
    if not wish.without:
        return
    places = [
        *((each.host.name, each.port) for each in selection.candidates),
        *((each.host.name, each.port) for each in there),
    ]
    known = {name for host, port in places for name in (host, place_name(host, port))}
    strangers = [name for name in wish.without if name not in known]
    if strangers:
        selection.refuse(
            UnknownHost(
                "{service} is not on {hosts} in {environment}.",
                hint="Take them out, or deploy it there first.",
                service=wish.service.name,
                hosts=listed(strangers),
                environment=wish.environment.name,
            )
        )


# --- how it is shown -----------------------------------------------------------------------------


def _check(plan: Plan) -> HealthCheck | None:
    """Return how the last target is checked."""
    found = None
    for place in plan.targets:
        noted = plan.releases.get(_key(plan, place))
        found = noted.spec.health if noted else found
    return found


def _key(plan: Plan, place: PlannedPlace) -> str:
    return key_of(place.planned.goal or place.planned.origin)


def _lines(plan: Plan, ordered: Sequence[Candidate], wish: Wish) -> tuple[PlannedTarget, ...]:
    had = releases_on_hosts(ordered, wish.service.pk)
    pairs = zip(plan.targets, ordered, strict=True)
    return tuple(_line(plan, place, candidate, had) for place, candidate in pairs)


def _line(
    plan: Plan, place: PlannedPlace, candidate: Candidate, had: set[tuple[int, int]]
) -> PlannedTarget:
    goal = candidate.goal
    is_there = goal is None or (candidate.host.pk, goal.version_id) in had
    noted = plan.releases.get(_key(plan, place))
    moves = place.planned.changes_version and not is_there and noted and noted.package
    lost = not is_reachable(candidate.host)
    return replace(
        PlannedTarget.of(place),
        bytes_to_move=noted.package.size if moves and noted and noted.package else 0,
        unreachable=lost,
        note=candidate.host.problem if lost else None,
        stays_stopped=stays_stopped(place),
        settings_change=settings_change(place),
    )


def _obstacle(hindrance: StartHindrance) -> Obstacle:
    return Obstacle(hindrance.refusal.sentence, hindrance.blocking)

"""Which instances take part in a rollout, from which release to which, and who is left out why."""

from datetime import datetime

from slipway.core.words.kinds import RolloutKind
from slipway.core.words.names import place_name
from slipway.records.fleet.models import Instance
from slipway.records.fleet.narrow import naming_once
from slipway.records.rollouts.taking_part.deploys import select_for_deploy
from slipway.records.rollouts.taking_part.goals import Goals, may_go_back_to, never_well
from slipway.records.rollouts.taking_part.situation import Situation
from slipway.records.rollouts.taking_part.withdrawals import warn_of_withdrawn
from slipway.records.rollouts.wish.refusals import UnknownHost, VersionNeeded
from slipway.records.rollouts.wish.seen_long_ago import seen_long_ago, to_be_asked
from slipway.records.rollouts.wish.selection import (
    Candidate,
    Selection,
    is_free,
    listed,
    nothing_to_do,
)
from slipway.records.rollouts.wish.wishes import Wish
from slipway.records.rows.texts import is_storable


def select(wish: Wish, now: datetime) -> Selection:
    """Return who takes part in an operation on instances as they are now."""
    deploys = wish.kind is RolloutKind.DEPLOY
    selection = select_for_deploy(wish, now) if deploys else _select_there(wish, now)
    warn_of_withdrawn(wish, selection)
    return selection


def _select_there(wish: Wish, now: datetime) -> Selection:
    selection = Selection()
    if wish.kind is RolloutKind.UPGRADE and wish.version is None:
        selection.refuse(VersionNeeded("Say which version to upgrade to."))
        return selection
    if wish.goes_back and wish.version is not None and not may_go_back_to(wish, wish.version):
        selection.refuse(never_well(wish, wish.version))
        return selection
    instances = _instances(wish, selection)
    if not (wish.port or wish.hosts or wish.places):
        selection.there = instances
    chosen = [each for each in instances if is_free(each.host, each, wish, selection)]
    _choose(chosen, wish, selection, now)
    return selection


def _choose(chosen: list[Instance], wish: Wish, selection: Selection, now: datetime) -> None:
    before = len(selection.hindrances)
    situation = Situation(wish.service, wish.environment, chosen)
    selection.histories = situation.histories
    selection.candidates += _going(Goals(wish, selection, situation), chosen)
    if not chosen or selection.candidates or len(selection.hindrances) > before:
        return
    # That nothing is to do is said of what was seen; who was not, is asked at its turn.
    unsure = to_be_asked(chosen, now, wish, selection)
    selection.candidates += _going(Goals(wish, selection, situation, is_sure=False), unsure)
    if selection.candidates:
        taken = [each.instance for each in selection.candidates if each.instance is not None]
        selection.mention(seen_long_ago(taken))
    elif len(selection.hindrances) == before and not selection.leaves_out_unseen:
        selection.refuse(nothing_to_do(wish))


def _going(goals: Goals, chosen: list[Instance]) -> list[Candidate]:
    return [each for each in map(goals.of, chosen) if each is not None]


# --- who is there --------------------------------------------------------------------------------


def _instances(wish: Wish, selection: Selection) -> list[Instance]:
    instances = Instance.objects.of(wish.service, wish.environment)
    if wish.port:
        instances = instances.filter(port=wish.port)
    if wish.hosts or wish.places:
        names = {*wish.hosts, *(place.partition(":")[0] for place in wish.places)}
        instances = instances.filter(host__name__in=[n for n in names if is_storable(n)])
    ordered = instances.order_by("host__name", "port")
    every = naming_once(ordered, wish.service, wish.environment)
    if not wish.hosts and not wish.places:
        return every
    found = [each for each in every if _is_wanted(each, wish)]
    there = {name for each in found for name in (each.host.name, _place(each))}
    missing = sorted({*wish.hosts, *wish.places} - there)
    if missing:
        selection.refuse(
            UnknownHost(
                "{service} is not on {hosts} in {environment}.",
                hint="Take them out, or deploy it there first.",
                service=wish.service.name,
                hosts=listed(missing),
                environment=wish.environment.name,
            )
        )
    return found


def _is_wanted(instance: Instance, wish: Wish) -> bool:
    return instance.host.name in wish.hosts or _place(instance) in wish.places


def _place(instance: Instance) -> str:
    return place_name(instance.host.name, instance.port)

"""Where what is open comes from, in the order of how bad it is: one source for page and program."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.builds.queries.lists import list_builds_gone_wrong
from slipway.records.catalog.models import Build
from slipway.records.fleet.models import Host, Instance
from slipway.records.rollouts.ask.driving import drivings_of
from slipway.records.rollouts.ask.overview import (
    list_active,
    list_gone_wrong,
    list_not_as_wanted,
    list_unreachable,
)
from slipway.records.rollouts.ask.parts import list_targets_of
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.needs.waiting import why_waiting
from slipway.records.rows.pages import Page, Row

RECENT = timedelta(hours=24)  # what went wrong before, somebody has seen


Ask = Callable[[int, int], Page[Row]]  # so many, from there on


def waiting_rollouts(actor: Actor) -> Sequence[tuple[Rollout, Sentence]]:
    """Return the rollouts under way that wait for a person, and why."""
    found = list_active(actor)
    targets, drivings = list_targets_of(found), drivings_of(found)
    waits = ((each, why_waiting(each, targets[each.pk], drivings[each.pk])) for each in found)
    return [(each, why) for each, why in waits if why is not None]


def failed_rollouts(actor: Actor, now: datetime) -> Ask[Rollout]:
    """Ask for the rollouts that ended badly and that no other one has followed."""
    return partial(list_gone_wrong, actor, now - RECENT)


def drifted_instances(actor: Actor, now: datetime) -> Ask[Instance]:
    """Ask for the instances that are not as wanted and that no failed rollout tells of, those that
    do not serve first."""
    return partial(list_not_as_wanted, actor, now - RECENT)


def lost_hosts(actor: Actor) -> Ask[Host]:
    return partial(list_unreachable, actor)


def failed_builds(actor: Actor, now: datetime) -> Ask[Build]:
    """Ask for the builds that went wrong and that no other one of their ref has followed."""
    return partial(list_builds_gone_wrong, actor, now - RECENT)

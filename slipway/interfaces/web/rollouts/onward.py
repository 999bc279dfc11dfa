"""Where what a rollout has brought could go next: what one does when all went well."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.http import urlencode
from django.utils.translation import gettext as _

from slipway.core.words.kinds import FORTH
from slipway.core.words.roles import Action
from slipway.records.fleet.environment_facts import list_environments_of
from slipway.records.rollouts.ask.overview import environments_with

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor
    from slipway.records.rollouts.needs.standing import Standing


@dataclass(frozen=True, slots=True)
class Onward:
    label: str
    url: str


def onward_of(standing: "Standing", actor: "Actor") -> Onward | None:
    """Return the plan that brings a version to the next environment that has it not; None where
    something went wrong, it was touched since, or `actor` may not release there."""
    is_well = standing.state.is_over and standing.total and standing.done == standing.total
    is_of_now = not (standing.rollback or standing.since)
    if not (is_well and is_of_now and standing.version and standing.kind in FORTH):
        return None
    service, environments = standing.service, list_environments_of(standing.service, actor)
    names = [each.name for each in environments]
    there = environments_with(service, standing.version)
    following = [n for n in names[names.index(standing.environment) + 1 :] if n not in there]
    for environment in following[:1]:
        if actor.may(Action.DEPLOY, service=service, environment=environment):
            wish = {"service": service, "environment": environment, "version": standing.version}
            label = _("Promote to %(environment)s") % {"environment": environment}
            return Onward(label, f"/rollouts/new?{urlencode(wish)}")
    return None

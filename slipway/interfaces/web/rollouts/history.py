"""What is being rolled out and what was: rows for lists and cards, and the page of all of them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from slipway.core.finding.listings import ROLLOUTS
from slipway.core.rollout.told.time_left import TimeLeft
from slipway.core.words.kinds import RolloutStatus
from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import pages
from slipway.interfaces.web.frame.finding import (
    asked_of,
    bookmark_of,
    chips_of,
    extent_of,
    mine_of,
    why_nothing,
)
from slipway.interfaces.web.frame.saying import said
from slipway.interfaces.web.frame.words import word
from slipway.interfaces.web.shown.buttons import Button, buttons_of
from slipway.interfaces.web.shown.headline import Headline, sentence_of
from slipway.interfaces.web.shown.shapes import Bar, bar_of
from slipway.records.fleet.queries import list_environments
from slipway.records.rollouts.ask.driving import drivings_of
from slipway.records.rollouts.ask.finding import unknown_service_labels
from slipway.records.rollouts.ask.overview import (
    ListedRollout,
    Progress,
    list_active,
    list_rollouts_told,
)
from slipway.records.rollouts.ask.parts import list_targets_of
from slipway.records.rollouts.ask.queries import find_rollouts
from slipway.records.rollouts.histories.time_left import times_left_of
from slipway.records.rollouts.needs.standing import Standing
from slipway.records.rollouts.needs.waiting import why_waiting

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor


@dataclass(frozen=True, slots=True)
class RolloutRow:
    """A rollout in a list. Versions are names, "" where there is none; `left` is None where nobody
    knows how long it still takes; `actions` are those by which somebody lets it go on."""

    id: int
    kind: str
    service: str
    environment: str
    state: str
    from_version: str
    to_version: str
    progress: str
    bar: Bar
    by: str
    outcome: str
    created_at: datetime
    finished_at: datetime | None
    took: timedelta | None
    left: TimeLeft | None = None
    says: Headline | None = None
    is_waiting: bool = False  # for a person
    actions: tuple[Button, ...] = ()


@require_GET
@pages.answered
def show_history(request: HttpRequest) -> HttpResponse:
    actor, now = asker(request), timezone.now()
    fields = ("service", "environment", "state")
    asked = asked_of(request, ROLLOUTS, {name: name for name in fields})
    rollouts = find_rollouts(actor, asked.asking, pages.PAGE, bookmark_of(request))
    environments = [(each.name, each.name) for each in list_environments(actor)]
    states = [(word(state), state.value) for state in RolloutStatus]
    total = ngettext("%(n)s rollout", "%(n)s rollouts", rollouts.total) % {"n": rollouts.total}
    return pages.show(
        request,
        "web/rollouts.html",
        section="rollouts",
        asked=asked,
        why_nothing="" if rollouts else why_nothing(unknown_service_labels(actor, asked.asking)),
        rows=[] if asked.problem else [row_of(each) for each in list_rollouts_told(rollouts, now)],
        total=total,
        environments=chips_of(asked, "environment", _("Every environment"), environments),
        states=[*chips_of(asked, "state", _("Every state"), states), mine_of(asked)],
        may_deploy=may_deploy_anything(actor),
        extent=None if asked.problem else extent_of(request, rollouts, asked),
    )


def may_deploy_anything(actor: "Actor") -> bool:
    """Return whether there is any place where `actor` may start a rollout."""
    return any(
        actor.may(Action.DEPLOY, service=right.service, environment=right.environment)
        for right in actor.rights
    )


def cards_of(actor: "Actor", now: datetime) -> list[RolloutRow]:
    """Return rows of what is not over that also say how each stands, whether it waits for a person,
    and what `actor` can do then."""
    found = list_active(actor)
    targets, drivings = list_targets_of(found), drivings_of(found)
    left = times_left_of([(each, targets[each.pk]) for each in found], now)
    rows = []
    for rollout, listed in zip(found, list_rollouts_told(found), strict=True):
        standing = Standing.of(rollout, targets[rollout.pk], (), driving=drivings[rollout.pk])
        says = sentence_of(standing, now)
        waits = why_waiting(rollout, targets[rollout.pk], drivings[rollout.pk])
        is_waiting = waits is not None
        told = replace(listed, left=left.get(rollout.pk))
        row = replace(row_of(told), says=says, is_waiting=is_waiting)
        rows.append(replace(row, actions=_go_on(standing, actor)) if is_waiting else row)
    return rows


def _go_on(standing: Standing, actor: "Actor") -> tuple[Button, ...]:
    """Return the buttons that let it go on; without their keys, which are those of its board."""
    return tuple(
        replace(button, key="") for button in buttons_of(standing, actor) if button.goes_on
    )


def versions_of(version: str, progress: Progress) -> tuple[str, str]:
    """Return from which version to which (`version`, where all go to one); where there are
    several, that there are."""
    return _one_of(progress.from_versions), version or _one_of(progress.to_versions)


def _one_of(versions: frozenset[str]) -> str:
    named = versions - {""}
    if len(named) == 1:
        return next(iter(named))
    return _("several") if named else ""


def row_of(rollout: ListedRollout) -> RolloutRow:
    """Return the row of one rollout."""
    version = rollout.version.name if rollout.version else ""
    before, after = versions_of(version, rollout.progress)
    states = rollout.progress.states
    took = None
    if rollout.started_at:
        took = (rollout.finished_at or timezone.now()) - rollout.started_at
    return RolloutRow(
        id=rollout.id,
        kind=rollout.kind,
        service=rollout.service,
        environment=rollout.environment,
        state=rollout.state,
        from_version="" if before == after else before,
        to_version=after,
        progress=_("%(done)s of %(all)s done")
        % {"done": states["succeeded"], "all": states.total()},
        bar=bar_of(states, is_over=RolloutStatus(rollout.state).is_over),
        by=rollout.by,
        outcome=said(rollout.outcome),
        created_at=rollout.created_at,
        finished_at=rollout.finished_at,
        took=took,
        left=rollout.left,
    )

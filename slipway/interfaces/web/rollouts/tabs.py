"""The tabs beside a board: who did what when, the plan it carries, and what it changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from slipway.core.words.refusal import NotFound, Refused
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.events import what_was_done
from slipway.interfaces.web.frame import notes, pages
from slipway.interfaces.web.frame.saying import said
from slipway.interfaces.web.frame.words import mark
from slipway.interfaces.web.shown.commits import ASKING, changes_between
from slipway.records.catalog.version_facts import NamedVersion
from slipway.records.rollouts.ask.changes import changes_of_rollout, moves_of
from slipway.records.rollouts.ask.queries import get_rollout
from slipway.records.rollouts.histories.timeline import Moment, timeline_of
from slipway.records.rollouts.plan.kept_plans import kept_plan

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor


@dataclass(frozen=True, slots=True)
class MomentView:
    at: datetime
    by: str
    text: str
    why: str
    mark: str


@require_GET
@pages.answered
def show_tab(request: HttpRequest, rollout_id: int, name: str) -> HttpResponse:
    """Show what is in a tab, as it is now."""
    actor = asker(request)
    if name not in TABS:
        raise NotFound("There is no such tab.")
    found = context_of(name, rollout_id, actor)
    return pages.show(request, "web/board/tab.html", **found)


def context_of(name: str, rollout_id: int, actor: "Actor") -> dict[str, Any]:
    """Return what the template of a tab shows; nothing for a name of none."""
    if name not in TABS:
        return {"tab": ""}
    return {"tab": name, "tab_id": rollout_id, **TABS[name](rollout_id, actor)}


def timeline_in(rollout_id: int, actor: "Actor") -> dict[str, Any]:
    found = timeline_of(get_rollout(rollout_id, actor))
    return {"moments": [_moment(each) for each in found.moments], "moments_cut": found.is_cut}


def _plan(rollout_id: int, actor: "Actor") -> dict[str, Any]:
    rollout = get_rollout(rollout_id, actor)
    try:
        return {"kept": kept_plan(rollout, actor)}
    except Refused as refused:
        return {"kept": None, "unreadable": notes.note_of(refused)}


def _changes(rollout_id: int, actor: "Actor") -> dict[str, Any]:
    rollout = get_rollout(rollout_id, actor)
    of = NamedVersion.of
    found = changes_of_rollout(rollout)
    pairs = [(of(each.from_version), of(each.to_version)) for each in found]
    changes = changes_between(rollout.service.name, pairs, timezone.now())
    is_asking = any(each.state == ASKING for each in changes)
    return {"moves": moves_of(rollout), "commits": changes, "is_asking": is_asking}


TABS = {"timeline": timeline_in, "plan": _plan, "changes": _changes}


def _moment(moment: Moment) -> MomentView:
    text = said(moment.said or what_was_done(moment.verb))
    state = moment.verb.removeprefix("rollout.") if moment.verb else moment.level
    return MomentView(moment.at, moment.by, text, said(moment.why), mark(state))

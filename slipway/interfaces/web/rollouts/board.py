"""The board of a rollout: its head, its batches of cells, its log, and what is beside it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from slipway.core.rollout.told.status import TargetStatus
from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.live.streams import rollout_events
from slipway.interfaces.web.frame import notes, pages, words
from slipway.interfaces.web.frame.readers import Reader
from slipway.interfaces.web.frame.saying import said, teller
from slipway.interfaces.web.rollouts import history
from slipway.interfaces.web.rollouts.batches import Batch, all_at_once, batches_of, rail_of
from slipway.interfaces.web.rollouts.onward import onward_of
from slipway.interfaces.web.rollouts.shared_failures import shared_failures
from slipway.interfaces.web.rollouts.steps import told_of, took
from slipway.interfaces.web.rollouts.tabs import context_of
from slipway.interfaces.web.shown.buttons import buttons_of
from slipway.interfaces.web.shown.cells import Cell, cells_of
from slipway.interfaces.web.shown.headline import sentence_of
from slipway.interfaces.web.shown.shapes import bar_of
from slipway.interfaces.web.templatetags.marks import duration
from slipway.records.accounts.rights import SYSTEM
from slipway.records.rollouts.ask.overview import Progress
from slipway.records.rollouts.ask.parts import find_target, list_last_lines
from slipway.records.rollouts.ask.queries import get_rollout
from slipway.records.rollouts.needs.whole_boards import WholeBoard, whole_board
from slipway.records.rollouts.rollout_facts import LineFacts, RolloutFacts

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor

DENSE = 80  # targets, from which on cells get small
CROWDED, HUGE = 24, 300  # targets, from which on a wall shows them without names, and small
# Of the log: lines, and characters of all of them together.
_WITH_THE_PAGE = (400, 256 * 1024)
_AT_MOST = (5000, 1024**2)
_PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class BoardLine:
    id: int
    at: datetime
    host: str
    level: str
    text: str


@require_GET
@pages.answered
def show_board(request: HttpRequest, rollout_id: int) -> HttpResponse:
    actor = asker(request)
    rollout = get_rollout(rollout_id, actor)
    board = whole_board(rollout, timezone.now())
    cells = cells_of(board.targets)
    is_all, is_wall = bool(request.GET.get("all")), "wall" in request.GET
    target = find_target(rollout, pages.number_of(request.GET.get("target", "")))
    lines, is_cut = list_last_lines(rollout, *(_AT_MOST if is_all else _WITH_THE_PAGE))
    return pages.show(
        request,
        "web/board.html",
        section="rollouts",
        **_head(board, cells, actor, is_wall=is_wall),
        **(told_of(target, board.rollout, actor) if target else {}),
        **context_of("" if target else request.GET.get("tab", ""), rollout_id, actor),
        batches=all_at_once(cells) if is_wall else _batches(board, cells),
        dense=len(cells) > DENSE,
        is_crowded=len(cells) > CROWDED,
        is_huge=len(cells) > HUGE,
        lines=[_line(line) for line in lines],
        cut=is_cut,
        is_all=is_all,
        last_rev=board.rollout.rev,
        live_words=json.dumps(words.live_words()),
        live_marks=json.dumps({state.value: words.mark(state) for state in TargetStatus}),
    )


@require_GET
@pages.answered
def show_head(request: HttpRequest, rollout_id: int) -> HttpResponse:
    """The parts that say how it stands, what went wrong and what to do: asked again whenever
    something changed."""
    actor = asker(request)
    board = whole_board(get_rollout(rollout_id, actor), timezone.now())
    head = _head(board, cells_of(board.targets), actor, is_wall="wall" in request.GET)
    return pages.show(request, "web/board/again.html", **head)


async def watch(request: HttpRequest, rollout_id: int) -> HttpResponseBase:
    """Server-sent events of the board, from revision `after` on."""
    after = pages.number_of(request.GET.get("after", ""))
    try:
        tell = teller(get_language() or settings.LANGUAGE_CODE, timezone.get_current_timezone())
        return await rollout_events(request, rollout_id, after, tell)
    except Refused as refused:
        return HttpResponse(
            said(refused.sentence), status=notes.status_of(refused), content_type=_PLAIN
        )


def _head(
    board: WholeBoard, cells: Sequence[Cell], actor: "Actor", *, is_wall: bool
) -> dict[str, Any]:
    rollout, standing, is_over = board.rollout, board.standing, board.is_over
    before, after = history.versions_of(rollout.version, _progress(board))
    reader = Reader(actor, rollout.environment, rollout.service)
    actions = [] if is_wall else buttons_of(standing, actor)  # a wall is looked at, not pressed
    problems = shared_failures(board.targets, reader, actions)
    return {
        "rollout": {
            "id": rollout.id,
            "kind": rollout.kind,
            "service": rollout.service,
            "environment": rollout.environment,
            "state": rollout.state,
            "rev": rollout.rev,
            "watching": rollout.watching,
            "end": words.end_word(rollout.end) or words.word(rollout.state),
            "cause": words.cause_word(rollout.halted),
            "from_version": "" if before == after else before,
            "to_version": after,
            "created_at": rollout.created_at,
            "started_at": rollout.started_at,
            "reason": said(rollout.cause or rollout.reason),
        },
        "is_wall": is_wall,
        "by": rollout.by or SYSTEM,
        "took": took(rollout.started_at, rollout.finished_at or timezone.now()),
        "left_time": board.time_left,
        "is_over": is_over,
        "driving": standing.driving,
        "sentence": sentence_of(standing, timezone.now()),
        "actions": actions,
        "onward": None if is_wall else onward_of(standing, actor),
        "blocked": [action for action in actions if action.blocked],
        "bar": bar_of(standing.states, is_over=is_over),
        "rail": rail_of(cells, is_over=is_over),
        "left": _lock_left(reader) if board.has_left_lock else None,
        "problems": problems,
        "failed_count": sum(problem.count for problem in problems),
    }


def _lock_left(reader: Reader) -> dict[str, str]:
    """Return whom to ask to release the lock that a rollout has left, "" for oneself."""
    may = reader.may(Action.LOCK)
    return {"ask": "" if may else reader.whom_to_ask(Action.LOCK)}


def _batches(board: WholeBoard, cells: Sequence[Cell]) -> list[Batch]:
    return batches_of(
        cells,
        is_over=board.is_over,
        note=lambda is_last: _note(board.rollout, is_last=is_last),
    )


def _progress(board: WholeBoard) -> Progress:
    return Progress(
        board.standing.states,
        frozenset(target.from_version for target in board.targets),
        frozenset(target.to_version for target in board.targets),
    )


def _note(rollout: RolloutFacts, *, is_last: bool) -> str:
    parts = [_("%(n)s at a time") % {"n": rollout.max_unavailable}]
    if not is_last and rollout.bake_time:
        parts.append(_("then watched for %(time)s") % {"time": duration(rollout.bake_time)})
    if not is_last and rollout.promotion_needed:
        parts.append(_("then waits for you"))
    return " · ".join(parts)


def _line(line: LineFacts) -> BoardLine:
    return BoardLine(line.id, line.at, line.place, line.level, said(line.sentence or line.text))

"""The batches of a board: as a line over it, and as panels of cells, what is at work open."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from slipway.core.rollout.told.status import TargetStatus
from slipway.core.words.kinds import RolloutStatus
from slipway.interfaces.web.frame import words
from slipway.interfaces.web.shown.cells import Cell, cell_of
from slipway.interfaces.web.shown.shapes import Bar, bar_of

if TYPE_CHECKING:
    from slipway.records.rollouts.models import Rollout, Target

_ALL_OPEN = 24  # targets, up to which nothing of what is over is folded where nothing went wrong


@dataclass(frozen=True, slots=True)
class Batch:
    """`is_open`: whether its cells are seen at once. What is well, and what has not begun, is
    folded, so that the batch at work is in the window."""

    number: int
    is_canary: bool
    note: str
    done: int
    mark: str
    is_open: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Leg:
    """A batch in the line of all. `is_now`: it is at work, or the next to be."""

    number: int
    is_canary: bool
    done: int
    total: int
    is_now: bool
    bar: Bar


def batches_of(rollout: "Rollout", targets: "Sequence[Target]") -> list[Batch]:
    grouped = _by_number(targets)
    last = max((number for number, _batch in grouped), default=0)
    seen = _to_see(rollout, grouped)
    return [
        Batch(
            number=number,
            is_canary=number == 1 and last > 1,
            note=_note(rollout, is_last=number == last),
            done=_done(batch),
            mark=words.WAIT if _waits(batch) else words.RUN,
            is_open=number in seen,
            cells=tuple(cell_of(target) for target in batch),
        )
        for number, batch in grouped
    ]


def rail_of(rollout: "Rollout", targets: "Sequence[Target]") -> list[Leg]:
    """Return the legs of the line; none where there is one batch only."""
    grouped = _by_number(targets)
    if len(grouped) < 2:
        return []
    is_over = RolloutStatus(rollout.state).is_over
    now = 0 if is_over else next((n for n, batch in grouped if not _is_over(batch)), 0)
    return [
        Leg(
            number=number,
            is_canary=number == 1,
            done=_done(batch),
            total=len(batch),
            is_now=number == now,
            bar=bar_of(Counter(target.state for target in batch), is_over=is_over),
        )
        for number, batch in grouped
    ]


def _by_number(targets: "Iterable[Target]") -> "list[tuple[int, list[Target]]]":
    by_number: dict[int, list[Target]] = {}
    for target in targets:
        by_number.setdefault(target.batch, []).append(target)
    return sorted(by_number.items())


def _to_see(rollout: "Rollout", grouped: "list[tuple[int, list[Target]]]") -> set[int]:
    """Return the batches that are open: those at work and those with trouble, else the next one;
    of what is over and went well all, where that is little."""
    moved = {n for n, batch in grouped if not (_waits(batch) or _done(batch) == len(batch))}
    if moved:
        return moved
    if RolloutStatus(rollout.state).is_over:
        total = sum(len(batch) for _n, batch in grouped)
        return {n for n, _batch in grouped} if total <= _ALL_OPEN else set()
    return {next((n for n, batch in grouped if _waits(batch)), 0)}


def _done(batch: "Iterable[Target]") -> int:
    return sum(target.state == TargetStatus.SUCCEEDED for target in batch)


def _waits(batch: "Iterable[Target]") -> bool:
    """Whether nothing has begun there; where the rollout is over, nothing will."""
    return all(words.mark(target.state) == words.WAIT for target in batch)


def _is_over(batch: "Iterable[Target]") -> bool:
    return all(TargetStatus(target.state).is_over for target in batch)


def _note(rollout: "Rollout", *, is_last: bool) -> str:
    parts = [_("%(n)s at a time") % {"n": rollout.max_unavailable}]
    if not is_last and rollout.bake_time:
        seconds = int(rollout.bake_time.total_seconds())
        parts.append(_("then watched for %(n)s s") % {"n": seconds})
    if not is_last and rollout.promotion_needed:
        parts.append(_("then waits for you"))
    return " · ".join(parts)

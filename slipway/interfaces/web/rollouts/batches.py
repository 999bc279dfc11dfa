"""The batches of a board: as a line over it, and as panels of cells, what is at work open."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from slipway.core.rollout.told.status import TargetStatus
from slipway.interfaces.web.frame import words
from slipway.interfaces.web.shown.cells import Cell
from slipway.interfaces.web.shown.shapes import Bar, bar_of

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


def batches_of(cells: Iterable[Cell], *, is_over: bool, note: Callable[[bool], str]) -> list[Batch]:
    """Return the batches of a rollout; `note` says of one, by whether it is the last, how it goes
    on."""
    grouped = _by_number(cells)
    last = max((number for number, _batch in grouped), default=0)
    seen = _to_see(grouped, is_over=is_over)
    return [
        Batch(
            number=number,
            is_canary=number == 1 and last > 1,
            note=note(number == last),
            done=_done(batch),
            mark=words.WAIT if _waits(batch) else words.RUN,
            is_open=number in seen,
            cells=tuple(batch),
        )
        for number, batch in grouped
    ]


def all_at_once(cells: Iterable[Cell]) -> list[Batch]:
    """Return all cells as one, for a wall: each stays where it is, whatever happens."""
    every = tuple(cells)
    return [Batch(0, False, "", _done(every), words.RUN, True, every)]


def rail_of(cells: Iterable[Cell], *, is_over: bool) -> list[Leg]:
    """Return the legs of the line; none where there is one batch only."""
    grouped = _by_number(cells)
    if len(grouped) < 2:
        return []
    now = 0 if is_over else next((n for n, batch in grouped if not _has_ended(batch)), 0)
    return [
        Leg(
            number=number,
            is_canary=number == 1,
            done=_done(batch),
            total=len(batch),
            is_now=number == now,
            bar=bar_of(Counter(cell.state for cell in batch), is_over=is_over),
        )
        for number, batch in grouped
    ]


def _by_number(cells: Iterable[Cell]) -> list[tuple[int, list[Cell]]]:
    by_number: dict[int, list[Cell]] = {}
    for cell in cells:
        by_number.setdefault(cell.batch, []).append(cell)
    return sorted(by_number.items())


def _to_see(grouped: list[tuple[int, list[Cell]]], *, is_over: bool) -> set[int]:
    """Return the batches that are open: those at work and those with trouble, else the next one;
    of what is over and went well all, where that is little."""
    moved = {n for n, batch in grouped if not (_waits(batch) or _done(batch) == len(batch))}
    if moved:
        return moved
    if is_over:
        total = sum(len(batch) for _n, batch in grouped)
        return {n for n, _batch in grouped} if total <= _ALL_OPEN else set()
    return {next((n for n, batch in grouped if _waits(batch)), 0)}


def _done(batch: Iterable[Cell]) -> int:
    return sum(cell.state == TargetStatus.SUCCEEDED for cell in batch)


def _waits(batch: Iterable[Cell]) -> bool:
    """Whether nothing has begun there; where the rollout is over, nothing will."""
    return all(cell.mark == words.WAIT for cell in batch)


def _has_ended(batch: Iterable[Cell]) -> bool:
    return all(TargetStatus(cell.state).is_over for cell in batch)

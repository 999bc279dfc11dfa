"""The cells of a board."""

from dataclasses import dataclass

from slipway.core.rollout.told.status import TargetStatus
from slipway.interfaces.web.frame import words
from slipway.interfaces.web.frame.saying import said
from slipway.records.rollouts.rollout_facts import CellFacts

_WITH_STEP = (TargetStatus.RUNNING, TargetStatus.FAILED, TargetStatus.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Cell:
    id: int
    batch: int
    state: str
    host: str
    port: int
    name: str
    mark: str
    text: str
    title: str


def cell_of(cell: CellFacts) -> Cell:
    state = TargetStatus(cell.state)
    text = words.word(state)
    if cell.step and state in _WITH_STEP:
        text = words.step_word(cell.step)
    return Cell(
        id=cell.id,
        batch=cell.batch,
        state=cell.state,
        host=cell.host,
        port=cell.port,
        name=cell.place,
        mark=words.mark(state),
        text=text,
        title=said(cell.problem),
    )

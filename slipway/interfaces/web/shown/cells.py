"""The cells of a board."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slipway.core.rollout.plans.plan import place_name
from slipway.core.rollout.told.status import TargetStatus
from slipway.interfaces.web.frame import words
from slipway.interfaces.web.frame.saying import said

if TYPE_CHECKING:
    from slipway.records.rollouts.models import Target

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


def cell_of(target: "Target") -> Cell:
    state = TargetStatus(target.state)
    text = words.word(state)
    if target.step and state in _WITH_STEP:
        text = words.step_word(target.step)
    name = place_name(target.host.name, target.port)
    problem = said(target.problem)
    return Cell(
        id=target.pk,
        batch=target.batch,
        state=target.state,
        host=target.host.name,
        port=target.port,
        name=name,
        mark=words.mark(state),
        text=text,
        title=problem,
    )

"""The cells of a board, and what went wrong in them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slipway.core.rollout.told.status import TargetStatus
from slipway.interfaces.web.frame import words
from slipway.interfaces.web.frame.readers import Reader
from slipway.interfaces.web.frame.saying import said
from slipway.interfaces.web.shown.buttons import place_of
from slipway.interfaces.web.shown.hint_links import remedy_of

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


@dataclass(frozen=True, slots=True)
class SharedFailure:
    """One kind of failure, and the targets that have it."""

    message: str
    hint: str
    link: str
    link_text: str
    cause: str
    targets: tuple[Cell, ...]


def cell_of(target: "Target") -> Cell:
    state = TargetStatus(target.state)
    text = words.word(state)
    if target.step and state in _WITH_STEP:
        text = words.step_word(target.step)
    name = place_of(target)
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


def problems_of(targets: "Sequence[Target]", reader: Reader) -> list[SharedFailure]:
    """Group what went wrong by what is the same apart from hosts and numbers."""
    groups: dict[tuple[str, str], list[Target]] = {}
    for target in targets:
        if target.problem and TargetStatus(target.state).is_failure:
            groups.setdefault((target.cause, _fingerprint(target)), []).append(target)
    found = sorted(groups.values(), key=len, reverse=True)
    remedies = [remedy_of(group[0].problem, reader) for group in found]
    return [
        SharedFailure(
            said(group[0].problem),
            remedy.hint,
            remedy.link,
            remedy.link_text,
            words.cause_word(group[0].cause),
            tuple(cell_of(target) for target in group),
        )
        for group, remedy in zip(found, remedies, strict=True)
    ]


def _fingerprint(target: "Target") -> str:
    return re.sub(r"\d+", "#", str(target.problem).replace(target.host.name, "@"))

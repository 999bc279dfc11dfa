"""The cells of a board, and of the places of a service."""

from collections.abc import Iterable
from typing import NamedTuple

from slipway.core.rollout.told.status import TargetStatus
from slipway.interfaces.web.frame import words
from slipway.interfaces.web.frame.saying import said
from slipway.interfaces.web.shown.matrix import instance_tick
from slipway.records.fleet.instance_facts import InstanceFacts
from slipway.records.rollouts.rollout_facts import TargetFacts

_WITH_STEP = (TargetStatus.RUNNING, TargetStatus.FAILED, TargetStatus.UNKNOWN)


class Cell(NamedTuple):
    """What a cell shows of a target."""

    id: int
    batch: int
    state: str
    host: str
    port: int
    name: str
    mark: str
    text: str
    title: str


class PortCell(NamedTuple):
    """An instance on its host, as small as can be; `version` is "" where all have the same."""

    id: int
    port: int
    mark: str
    title: str
    version: str


class HostCell(NamedTuple):
    """What runs on one host of an environment."""

    host: str
    ports: tuple[PortCell, ...]


def cells_of(targets: Iterable[TargetFacts]) -> tuple[Cell, ...]:
    """Return the cells of targets; of a thousand, the words of the few things that they do are
    looked up once."""
    looks: dict[tuple[str, str], tuple[str, str]] = {}
    found = []
    for target in targets:
        cell = target.cell
        look = looks.get((cell.state, cell.step))
        if look is None:
            look = looks[cell.state, cell.step] = _look(TargetStatus(cell.state), cell.step)
        mark, text = look
        title = said(cell.problem) if cell.problem else ""
        shown = (cell.host, cell.port, cell.place, mark, text, title)
        found.append(Cell(cell.id, cell.batch, cell.state, *shown))
    return tuple(found)


def _look(state: TargetStatus, step: str) -> tuple[str, str]:
    text = words.step_word(step) if step and state in _WITH_STEP else words.word(state)
    return words.mark(state), text


def hosts_of(instances: Iterable[InstanceFacts], *, names_versions: bool) -> tuple[HostCell, ...]:
    """Return instances host by host; `names_versions`: with what each should run."""
    found: dict[str, list[PortCell]] = {}
    for each in sorted(instances, key=lambda each: (each.host, each.port)):
        tick = instance_tick(each)
        version = each.version_name if names_versions else ""
        cell = PortCell(each.id, each.port, tick.mark, tick.title, version)
        found.setdefault(each.host, []).append(cell)
    return tuple(HostCell(host, tuple(cells)) for host, cells in found.items())

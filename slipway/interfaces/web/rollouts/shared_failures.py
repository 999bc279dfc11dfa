"""What went wrong on a board, by what is the same: told once, with whose fault it is, where, and
what can be done about it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from slipway.core.rollout.told.status import TargetStatus
from slipway.core.rollout.value.words import Cause
from slipway.core.words.sentence import Sentence
from slipway.interfaces.web.frame import words
from slipway.interfaces.web.frame.readers import Reader
from slipway.interfaces.web.frame.saying import said
from slipway.interfaces.web.shown.buttons import Button
from slipway.interfaces.web.shown.cells import Cell, cells_of
from slipway.interfaces.web.shown.hint_links import Remedy, remedy_of
from slipway.records.rollouts.rollout_facts import CellFacts, TargetFacts

_AT_ONCE = 6  # places that are seen without asking for the rest
# What helps, by whose fault it is: a version that fails somewhere fails there again.
_HELPS = {Cause.VERSION: ("rollback", "retry"), Cause.PERSON: ()}
_HELPS_ELSE = ("retry", "without")


@dataclass(frozen=True, slots=True)
class SharedFailure:
    """One kind of failure, and the targets that have it. `quote` is what the thing itself said, ""
    for nothing; `whose` whether it counts against the version; `host` is looked at first, "" where
    the version is to blame; `more` are the places that are folded."""

    message: str
    quote: str
    remedy: Remedy
    cause: str
    whose: str
    mark: str
    host: str
    shown: tuple[Cell, ...]
    more: tuple[Cell, ...]
    actions: tuple[Button, ...]

    @property
    def count(self) -> int:
        return len(self.shown) + len(self.more)


def shared_failures(
    targets: Sequence[TargetFacts], reader: Reader, actions: Iterable[Button]
) -> list[SharedFailure]:
    """Group what went wrong by what is the same apart from hosts and numbers, the most first."""
    groups: dict[tuple[str, str], list[TargetFacts]] = {}
    for target in targets:
        if target.cell.problem and _went_wrong(target):
            groups.setdefault((target.cause, _fingerprint(target.cell)), []).append(target)
    can = {action.name: action for action in actions if not action.blocked}
    return [_shared(group, reader, can) for group in sorted(groups.values(), key=len, reverse=True)]


def _shared(group: list[TargetFacts], reader: Reader, can: dict[str, Button]) -> SharedFailure:
    first = group[0]
    cause = Cause(first.cause) if first.cause else None
    what, quote = _words_of(first.cell)
    values = {"n": len(group), "what": what}
    cells = cells_of(group)
    remedy = remedy_of(first.cell.problem, reader)
    is_elsewhere = cause not in (None, Cause.VERSION, Cause.PERSON)
    helps = _HELPS.get(cause, _HELPS_ELSE) if cause else ("rollback", "retry")
    return SharedFailure(
        message=ngettext("%(n)s host: %(what)s", "%(n)s hosts: %(what)s", len(group)) % values,
        quote=quote,
        remedy=remedy,
        cause=words.cause_word(first.cause),
        whose=_whose(first, cause),
        mark=words.WARN if is_elsewhere else words.FAIL,
        host=first.cell.host if is_elsewhere and "/hosts/" not in remedy.link else "",
        shown=cells[:_AT_ONCE],
        more=cells[_AT_ONCE:],
        actions=tuple(can[name] for name in helps if name in can),
    )


def _went_wrong(target: TargetFacts) -> bool:
    """Whether it did not make it, for whatever cause but a person's wish."""
    state = TargetStatus(target.cell.state)
    is_left = state is TargetStatus.LEFT_OUT and target.cause not in ("", Cause.PERSON)
    return state.is_failure or is_left


def _words_of(cell: CellFacts) -> tuple[str, str]:
    """Return what went wrong there, without the place that stands below it, and what the thing
    itself said of it."""
    problem = cell.problem
    values = dict(problem.shown.values) if isinstance(problem, Sentence) else {}
    inner, quote = values.get("problem"), values.get("said")
    if isinstance(inner, Sentence) and quote:
        return _placeless(said(inner), cell), said(quote)
    return _placeless(said(problem), cell), ""


def _placeless(text: str, cell: CellFacts) -> str:
    for place in (cell.place, cell.host):
        if re.match(r"\s*[:：]", text.removeprefix(place)) and text.startswith(place):
            return text.removeprefix(place).lstrip(" :：")
    return text


def _whose(target: TargetFacts, cause: Cause | None) -> str:
    if cause is None:
        return ""
    version = target.to_version
    counts = _("It counts against %(version)s.") % {"version": version} if version else ""
    return {
        Cause.VERSION: counts,
        Cause.HOST: _("It is the host's fault, not the version's."),
        Cause.WEATHER: _("It may pass, and does not count against the version."),
        Cause.OURS: _("It is a fault of Slipway's, and does not count against the version."),
        Cause.PERSON: _("Somebody wished it so; it does not count against the version."),
    }[cause]


def _fingerprint(cell: CellFacts) -> str:
    return re.sub(r"\d+", "#", str(cell.problem).replace(cell.host, "@"))

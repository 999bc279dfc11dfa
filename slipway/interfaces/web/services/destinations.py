"""Where a version may go, as its page says it: the step to each environment, or why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from slipway.core.words.refusal import Forbidden
from slipway.interfaces.web.frame.readers import Reader
from slipway.interfaces.web.frame.saying import said, said_hint
from slipway.interfaces.web.frame.words import FAIL, OK, RUN, WARN
from slipway.interfaces.web.services import promotion
from slipway.interfaces.web.services.way.instances import Act
from slipway.interfaces.web.shown.hint_links import Remedy, remedy_of

if TYPE_CHECKING:
    from slipway.core.words.sentence import Sentence
    from slipway.records.accounts.rights import Actor
    from slipway.records.catalog.version_facts import NamedVersion
    from slipway.records.rollouts.ask.destinations import VersionDestination


@dataclass(frozen=True, slots=True)
class DestinationView:
    """`lines`: what is said of it, each with what is to be done about that."""

    environment: str
    mark: str
    icon: str
    lines: tuple[tuple[str, Remedy], ...]
    rollout: int = 0
    act: Act | None = None


def destination_views(
    service: str,
    version: "NamedVersion",
    destinations: "Sequence[VersionDestination]",
    actor: "Actor",
) -> list[DestinationView]:
    back = f"/services/{service}/versions/{version.name}"
    steps = promotion.steps_of(service, version, destinations)
    return [
        _view(each, steps.get(each.environment), Reader(actor, each.environment, service, back))
        for each in destinations
    ]


def _view(there: "VersionDestination", act: Act | None, reader: Reader) -> DestinationView:
    name = there.environment
    if there.rollout:
        line = _("A rollout brings it there now."), Remedy()
        return DestinationView(name, RUN, "rollouts", (line,), there.rollout)
    if there.is_there:
        return DestinationView(name, OK, "check", ((_("It runs there now."), Remedy()),))
    if there.refused:
        return DestinationView(name, FAIL, "cross", _lines(there.refused, reader))
    if there.warned:
        return DestinationView(name, WARN, "alert", _lines(there.warned, reader), act=act)
    line = _("Nothing stands against it."), Remedy(_some(there))
    return DestinationView(name, OK, "check", (line,), act=act)


def _lines(sentences: "Sequence[Sentence]", reader: Reader) -> tuple[tuple[str, Remedy], ...]:
    """Whoever may not release there is told who may, and not what those would do about the rest."""
    if sentences[0].code == Forbidden.code:
        first, *others = sentences
        return (said(first), Remedy(said_hint(first))), *((said(each), Remedy()) for each in others)
    return tuple((said(each), remedy_of(each, reader)) for each in sentences)


def _some(there: "VersionDestination") -> str:
    if not there.runs:
        return ""
    text = ngettext(
        "%(n)s of %(all)s instances there runs it.",
        "%(n)s of %(all)s instances there run it.",
        there.runs,
    )
    return text % {"n": there.runs, "all": there.instances}

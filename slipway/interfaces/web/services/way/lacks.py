"""What keeps a version that is made from being started, and where that is mended."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from slipway.core.words.roles import Action
from slipway.interfaces.web.frame.readers import Reader
from slipway.interfaces.web.frame.saying import said, said_hint
from slipway.interfaces.web.shown.hint_links import spec_address

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor
    from slipway.records.catalog.version_facts import VersionFacts


@dataclass(frozen=True, slots=True)
class Lacks:
    """`link` leads to the release spec, "" for whoever may not change it: the hint says who may.
    `version` is its name, "" on its own page."""

    said: str
    hint: str
    link: str = ""
    version: str = ""


def lacks_of(
    version: "VersionFacts", actor: "Actor", back: str, *, is_named: bool = False
) -> Lacks | None:
    """Return what a version lacks that could be released; `back` is where it is told."""
    if version.lacks is None or not version.can_go:
        return None
    name, hint = version.name if is_named else "", said_hint(version.lacks)
    if not actor.may(Action.MANAGE_SERVICE, service=version.service):
        whom = Reader(actor, "", version.service).whom_to_ask(Action.MANAGE_SERVICE)
        return Lacks(said(version.lacks), f"{hint} {whom}".strip(), version=name)
    return Lacks(said(version.lacks), hint, spec_address(version.service, back), name)

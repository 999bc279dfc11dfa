"""Services of a list together with those of their team, as the label `team` says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.http import urlencode
from django.utils.translation import gettext as _

from slipway.core.finding.listings import STARRED
from slipway.core.finding.where import LABEL, Term, Where

TEAM = "team"
_Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TeamHeading:
    """`url` leads to the services of that group alone, `count` says how many there are."""

    said: str
    url: str
    count: int
    is_starred: bool = False


def starred_heading(count: int) -> TeamHeading:
    """Return what stands above the services that the reader has starred."""
    term = Term((STARRED,), "is")
    return TeamHeading(_("Starred"), _address(term), count, is_starred=True)


def headings_of(
    labels: Sequence[_Labels], counts: Mapping[str | None, int]
) -> list[TeamHeading | None]:
    """Return for each service what stands above it: None where its team is that of the one before,
    or where nobody has a team. `counts`: of the services of each."""
    teams = [each.get(TEAM) for each in labels]
    if not any(team is not None for team in teams):
        return [None] * len(teams)
    before = [object(), *teams[:-1]]
    return [
        _heading(team, counts.get(team, 0)) if team != last else None
        for team, last in zip(teams, before, strict=True)
    ]


def without_team(labels: _Labels) -> _Labels:
    """Return what is to be said of labels below the name of a team."""
    return {name: value for name, value in labels.items() if name != TEAM}


def _heading(team: str | None, count: int) -> TeamHeading:
    if team is None:
        term, said = Term((), LABEL, TEAM, is_not=True), _("no team")
    else:
        term, said = Term((team,), LABEL, TEAM), team or TEAM
    return TeamHeading(said, _address(term), count)


def _address(term: Term) -> str:
    return f"?{urlencode({'where': Where((term,)).text})}"

"""The versions of a service as its page lists them, each with how its build stands."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from slipway.interfaces.web.frame.saying import said
from slipway.interfaces.web.frame.words import FAIL
from slipway.interfaces.web.services.way.standings import VersionStanding, standings_of
from slipway.interfaces.web.shown.building import row_of_build, web_address
from slipway.records.builds.queries.lists import get_builds_of
from slipway.records.rollouts.histories.passages import traces_of

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor
    from slipway.records.builds.build_facts import BuildFacts
    from slipway.records.catalog.version_facts import VersionFacts
    from slipway.records.rollouts.ask.overview import Overview
    from slipway.records.rollouts.taking_part.withdrawals import WithdrawnVersion


@dataclass(frozen=True, slots=True)
class VersionLine:
    """`build` is 0 for an uploaded version; `late` the moment a given-up build ended well.
    `about` is the first line of what is said to be in it."""

    name: str
    about: str
    status: str
    created_at: datetime
    by: str
    size: int
    is_gone: bool
    stands: tuple[VersionStanding, ...]  # in the order of the environments
    withdrawn_in: tuple[str, ...]
    wrong: str  # how it went wrong somewhere, in words; "" where it did not
    url: str
    build: int
    doing: str
    reason: str
    lacks: str  # what keeps it from being started, in words
    duplicate_of: str
    late: datetime | None


def version_lines(
    versions: "Sequence[VersionFacts]",
    environments: Sequence[str],
    overview: "Overview",
    now: datetime,
    withdrawals: "Sequence[WithdrawnVersion]",
    actor: "Actor",
) -> list[VersionLine]:
    """Return the lines of versions; their builds are read in one query, and what they have been
    through in another."""
    withdrawn: dict[str, list[str]] = defaultdict(list)
    for row in withdrawals:
        withdrawn[row.version].append(row.environment)
    ids = [version.named.id for version in versions]
    traces, builds = traces_of(ids, actor), get_builds_of(ids)
    return [
        _line(
            version,
            standings_of(version.named, environments, overview, traces.get(version.named.id, {})),
            withdrawn[version.name],
            builds.get(version.named.id),
            now,
        )
        for version in versions
    ]


def _line(
    version: "VersionFacts",
    stands: tuple[VersionStanding, ...],
    withdrawn_in: list[str],
    build: "BuildFacts | None",
    now: datetime,
) -> VersionLine:
    package = version.package
    bad = [f"{each.environment}: {each.said}" for each in stands if each.mark == FAIL]
    row = row_of_build(build, now) if build else None
    return VersionLine(
        name=version.name,
        about=version.description.strip().partition("\n")[0],
        status=version.status.word,
        created_at=version.named.created_at,
        by=row.by if row else version.by,
        size=package.size if package else 0,
        is_gone=version.removed_at is not None,
        stands=stands,
        withdrawn_in=tuple(withdrawn_in),
        wrong=", ".join(bad) or (_("withdrawn") if withdrawn_in else ""),
        url=web_address(version.build_url),
        build=version.build,
        doing=row.doing if row else "",
        reason=row.reason if row else "",
        lacks=said(version.lacks) if version.can_go else "",
        duplicate_of=row.duplicate_of if row else "",
        late=version.late_at,
    )

"""Versions as they are shown: by their names alone, and with what is known of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from slipway.core.release.steps import PackageRef
from slipway.core.spec.starting import lacks_start
from slipway.core.words.refusal import Invalid
from slipway.core.words.sentence import Sentence
from slipway.core.words.versions import VersionStatus
from slipway.records.catalog.models import Version
from slipway.records.catalog.queries.services import get_release_spec, uploaded_package
from slipway.records.rows.facts import read_as


@dataclass(frozen=True, slots=True)
class NamedVersion:
    """A version by its name, with what tells how it stands to others of its service. `commit` is ""
    where nobody knows it."""

    id: int
    name: str
    commit: str
    created_at: datetime

    @classmethod
    def of(cls, version: Version) -> Self:
        return cls(version.pk, version.name, version.commit, version.created_at)


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """What is known of a version. `package` is as it was uploaded, `removed_at` when its bytes were
    let go. `build` is the number of what made it, 0 when it was uploaded; `reason` why there is no
    package, `lacks` what keeps a made one from being started anywhere, `late_at` when its build
    ended well after it was given up."""

    named: NamedVersion
    service: str
    ref: str
    description: str
    status: VersionStatus
    by: str  # "" for nobody
    package: PackageRef | None
    removed_at: datetime | None
    build_url: str
    spec: Mapping[str, Any]  # the package's own
    build: int
    reason: Sentence | None
    lacks: Sentence | None
    late_at: datetime | None

    @classmethod
    def of(cls, version: Version) -> Self:
        """Return the facts of a version whose service, package, build and person are loaded."""
        build = version.build if hasattr(version, "build") else None
        return read_as(
            cls,
            version,
            named=NamedVersion.of(version),
            service=version.service.name,
            status=VersionStatus(version.status),
            by=version.created_by.get_username() if version.created_by else "",
            package=uploaded_package(version),
            removed_at=version.package.removed_at if version.package else None,
            build=build.pk if build else 0,
            reason=build.reason if build else None,
            lacks=_lacks(version),
            late_at=build.late_offer if build else None,
        )

    @property
    def name(self) -> str:
        return self.named.name

    @property
    def can_go(self) -> bool:
        """Whether it can be released: it is made, and its package is here."""
        is_here = self.package is not None and self.removed_at is None
        return self.status is VersionStatus.SUCCESS and is_here


def _lacks(version: Version) -> Sentence | None:
    if version.status != VersionStatus.SUCCESS:
        return None
    try:
        found = lacks_start(get_release_spec(version.service, version), version.service.name)
    except Invalid as refused:  # the package and the service contradict each other
        found = refused
    return found.sentence if found else None

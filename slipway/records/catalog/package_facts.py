"""A package as it is shown: its bytes, and the versions that they are of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from slipway.records.catalog.models import Package, Version
from slipway.records.catalog.queries.services import uploaded_package


@dataclass(frozen=True, slots=True)
class PackageVersion:
    """A version that has these bytes; `filename` is what they were uploaded as, "" where nobody
    knows."""

    id: int
    service: str
    name: str
    filename: str
    created_at: datetime

    @classmethod
    def of(cls, version: Version) -> Self:
        uploaded = uploaded_package(version)
        return cls(
            id=version.pk,
            service=version.service.name,
            name=version.name,
            filename=uploaded.filename if uploaded else "",
            created_at=version.created_at,
        )


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """What is known of a package; `removed_at` is when its bytes were let go."""

    sha256: str
    size: int
    removed_at: datetime | None
    versions: tuple[PackageVersion, ...]

    @classmethod
    def of(cls, package: Package) -> Self:
        """Return the facts of a package whose versions, and their services, are loaded."""
        versions = tuple(map(PackageVersion.of, package.versions.all()))
        return cls(package.sha256, package.size, package.removed_at, versions)

    @property
    def filenames(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.filename for each in self.versions if each.filename))

    @property
    def created_at(self) -> datetime:
        """When the first of these versions came: not the package's own moment, for somebody else
        may have brought the same bytes before."""
        return min(version.created_at for version in self.versions)

"""Where the package of a build lies."""

from dataclasses import dataclass
from enum import StrEnum


class SourceKind(StrEnum):
    ARTIFACT = "artifact"  # one file of a job's artifacts
    ARCHIVE = "archive"  # all artifacts of a job, as the server packs them
    REGISTRY = "registry"  # GitLab's generic package registry
    URL = "url"  # an address that a job prints in a dotenv report


@dataclass(frozen=True, slots=True)
class PackageSource:
    """Where the package of a build lies. `job`: whose artifacts, "" for the only one that has some.
    `path`: of the file inside them (ARTIFACT; may hold * where one file matches), the file's name
    in the registry (REGISTRY), or the variable's name (URL). `package`: its name in the registry,
    where its version is the commit, the ref or the build's id."""

    kind: SourceKind = SourceKind.ARTIFACT
    job: str = ""
    path: str = ""
    package: str = ""

"""Packages as they are taken in, and what their names say of them."""

from dataclasses import dataclass, field

from slipway.core.release.contents import Contents
from slipway.core.release.steps import PackageFormat, PackageRef

FORMATS_BY_SUFFIX: tuple[tuple[str, PackageFormat], ...] = (
    (".tar.gz", PackageFormat.TAR_GZ),
    (".tgz", PackageFormat.TAR_GZ),
    (".tar.zst", PackageFormat.TAR_ZST),
    (".tzst", PackageFormat.TAR_ZST),
    (".tar.xz", PackageFormat.TAR_XZ),
    (".txz", PackageFormat.TAR_XZ),
    (".tar.bz2", PackageFormat.TAR_BZ2),
    (".tbz2", PackageFormat.TAR_BZ2),
    (".tbz", PackageFormat.TAR_BZ2),
    (".tar", PackageFormat.TAR),
    (".zip", PackageFormat.ZIP),
    (".whl", PackageFormat.FILE),
    (".jar", PackageFormat.FILE),
    (".war", PackageFormat.FILE),
    (".ear", PackageFormat.FILE),
)


@dataclass(frozen=True, slots=True)
class StoredPackage:
    """A package that was taken in: `spec_text` is its slipway.yaml, "" where it has none;
    `contents` is what it holds, for what that spec speaks of."""

    ref: PackageRef
    path: str  # inside the store
    spec_text: str = ""
    contents: Contents = field(default_factory=Contents, compare=False)

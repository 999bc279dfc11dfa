"""Packages as they are taken in, and what their names say of them."""

import re
from collections.abc import Mapping
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


def ending_of(filename: str) -> str:
    """Return the ending that says how a file is packed, in small letters; "" of a program alone."""
    lower = filename.lower()
    return next((suffix for suffix, _ in FORMATS_BY_SUFFIX if lower.endswith(suffix)), "")


def stem_of(filename: str) -> str:
    """Return a file's name without the ending that says how it is packed."""
    return filename[: len(filename) - len(ending_of(filename))]


# The others that stay one file are for something else to start: a library, a server of its own.
_STARTED_BY = {".jar": "java -jar ", "": ""}
# A name that a command takes as it is.
_PLAIN = re.compile(r"[0-9A-Za-z._+-]+")


def with_run_of_file(spec: Mapping[str, object], ref: PackageRef) -> dict[str, object]:
    """Return what a package says of itself, and of one that is a jar or a program alone how it is
    started, where nothing says so: nobody packs a slipway.yaml into those."""
    starts = ref.format is PackageFormat.FILE and ending_of(ref.filename) in _STARTED_BY
    is_silent = not {"run", "supervisor", "scripts"} & spec.keys()
    if not (starts and is_silent and _PLAIN.fullmatch(ref.filename)):
        return dict(spec)
    return {**spec, "run": f"{_STARTED_BY[ending_of(ref.filename)]}./{ref.filename}"}

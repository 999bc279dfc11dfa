"""The same tree as .tar.gz, for hosts that lack the tool for the format a package came in."""

import gzip
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from slipway.adapters.packages.compression import decompressed
from slipway.adapters.packages.zips import ZipMembers, zip_kind
from slipway.core.release.archive import ArchiveLimits, MemberKind, member_path
from slipway.core.release.packages import stem_of
from slipway.core.release.steps import PackageFormat

_TOOLS = {
    PackageFormat.TAR_ZST: {"zstd"},
    PackageFormat.TAR_XZ: {"xz"},
    PackageFormat.TAR_BZ2: {"bzip2"},
    PackageFormat.ZIP: {"unzip", "python3"},  # one of them is enough
}
_LEVEL = 6
_FIRST = datetime(1980, 1, 1, tzinfo=UTC)


def needs_repacking(package_format: PackageFormat, tools: tuple[str, ...]) -> bool:
    """Whether a host with these tools cannot unpack the format."""
    wanted = _TOOLS.get(package_format)
    return wanted is not None and wanted.isdisjoint(tools)


def repacked_filename(filename: str) -> str:
    return f"{stem_of(filename)}.tar.gz"


def repack(source: Path, package_format: PackageFormat, target: BinaryIO) -> None:
    """Write the tree of an inspected package as .tar.gz: the same bytes whenever it is made."""
    with (
        source.open("rb") as packed,
        gzip.GzipFile("", "wb", compresslevel=_LEVEL, fileobj=target, mtime=0) as zipped,
    ):
        if package_format is PackageFormat.ZIP:
            _zip_to_tar(packed, source.stat().st_size, zipped)
        else:
            for piece in decompressed(packed, package_format):
                zipped.write(piece)


def _zip_to_tar(packed: BinaryIO, size: int, target: gzip.GzipFile) -> None:
    members = ZipMembers(packed, ArchiveLimits(size))
    with tarfile.open(
        fileobj=target, mode="w|", format=tarfile.GNU_FORMAT, encoding="utf-8"
    ) as tar:
        for entry, member in zip(members.entries, members, strict=True):
            info = tarfile.TarInfo(member_path(member.name) or ".")
            info.mode = member.mode & 0o777 or (0o755 if entry.is_dir() else 0o644)
            info.mtime = _mtime(entry)
            match zip_kind(entry):
                case MemberKind.FOLDER:
                    info.type = tarfile.DIRTYPE
                    tar.addfile(info)
                case MemberKind.SYMLINK:
                    info.type, info.linkname = tarfile.SYMTYPE, member.target
                    tar.addfile(info)
                case _:
                    info.size = entry.file_size
                    tar.addfile(info, _Pieces(members.content(entry)))


def _mtime(entry: zipfile.ZipInfo) -> int:
    """A zip's clock has no zone; UTC makes the same archive everywhere. What is no time at all, as
    in an entry that was made without one, is the first one that a zip knows."""
    try:
        made_at = datetime(*entry.date_time, tzinfo=UTC)
    except ValueError:
        made_at = _FIRST
    return int(made_at.timestamp())


class _Pieces:
    """Just enough of a file for tarfile to copy from."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def read(self, length: int = -1, /) -> bytes:
        while length > len(self._left) and (piece := next(self._pieces, b"")):
            self._left += piece
        taken, self._left = self._left[:length], self._left[length:]
        return taken

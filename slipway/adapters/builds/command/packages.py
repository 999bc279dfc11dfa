"""Takes the package out of the folder of a build, and nothing that lies outside of it."""

import gzip
import os
import stat
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from slipway.core.builds.package_source import PackageSource, SourceKind
from slipway.core.builds.path_patterns import fits_name, is_pattern
from slipway.core.builds.seen import FetchedPackage
from slipway.core.words.names import shown
from slipway.core.words.sentence import Sentence
from slipway.ports.builds import PackageMissing, ServerRefused

PIECE = 256 * 1024
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # opening a pipe would wait for its writer
_GIT = ".git"


def check_source(source: PackageSource) -> None:
    """Raise ServerRefused unless a build by command can have its package there."""
    if source.kind not in (SourceKind.ARTIFACT, SourceKind.ARCHIVE):
        raise ServerRefused(
            "A build by command has no package {kind}.",
            hint="In the service's build settings: package: {{from: artifact, path: dist/x.tar.gz}}"
            ", or from: archive for a whole folder.",
            kind=source.kind.value,
        )
    if source.kind is SourceKind.ARTIFACT and not source.path:
        raise ServerRefused(
            "Nothing says which file of the build is the package.",
            hint="In the service's build settings: package: {{from: artifact, path: dist/x.tar.gz}}"
            ".",
            kind=source.kind.value,
        )


@contextmanager
def open_package(root: Path, source: PackageSource, service: str) -> Iterator[FetchedPackage]:
    """Give the package from the checkout at `root`. Raises PackageMissing, ServerRefused."""
    check_source(source)
    with _opened_root(root) as top:
        if source.kind is SourceKind.ARCHIVE:
            inner = _inside(root, source.path) if source.path else ()
            with (
                _opened(top, inner, source.path, _FOLDER) as folder,
                tempfile.TemporaryFile(dir=root.parent) as packed,
            ):
                _pack_whole(folder, packed, source.path)
                packed.seek(0)
                yield FetchedPackage(f"{service}.tar.gz", _pieces(packed.fileno()))
            return
        inner = _only_match(root, source.path)
        with _opened(top, inner, source.path, _FILE) as file:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise _missing(source.path, "{path} is no file")
            yield FetchedPackage(inner[-1], _pieces(file))


@contextmanager
def _opened_root(root: Path) -> Iterator[int]:
    try:
        opened = os.open(root, _FOLDER)
    except OSError as error:
        raise PackageMissing(
            "The folder of the build has no checkout any more.",
            hint="Build it again: folders of builds are kept for a while only.",
        ) from error
    try:
        yield opened
    finally:
        os.close(opened)


@contextmanager
def _opened(top: int, names: tuple[str, ...], path: str, flags: int) -> Iterator[int]:
    """Step by step, and through no link: what was a folder when it was looked at is one now."""
    opened = os.dup(top)
    try:
        for number, name in enumerate(names, start=1):
            inner = os.open(name, flags if number == len(names) else _FOLDER, dir_fd=opened)
            os.close(opened)
            opened = inner
    except OSError as error:
        os.close(opened)
        raise _missing(path, "{path} cannot be opened") from error
    try:
        yield opened
    finally:
        os.close(opened)


def _inside(root: Path, path: str) -> tuple[str, ...]:
    """The steps to where `path` leads, links followed, if that is inside."""
    top = root.resolve()
    try:
        found = (top / path).resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise _missing(path, "{path} is not there") from error
    if not found.is_relative_to(top):
        raise _missing(path, "{path} leads out of the checkout")
    return found.relative_to(top).parts


def _only_match(root: Path, pattern: str) -> tuple[str, ...]:
    """Where names match, all of them have to be one."""
    found = [""]
    for step in pattern.strip("/").split("/"):
        if is_pattern(step):
            found = [
                f"{path}{name}/" for path in found for name in _names(root, path, step, pattern)
            ]
        else:
            found = [f"{path}{step}/" for path in found]
    if not found:
        raise _missing(pattern, "{path} fits none of the files that were built")
    if len(found) > 1:
        some = ", ".join(shown(path.rstrip("/")) for path in found[:3])
        template = "{path} fits {count} files ({some} …), and should fit one"
        raise _missing(pattern, template, count=len(found), some=some)
    return _inside(root, found[0].rstrip("/"))


def _names(root: Path, path: str, step: str, pattern: str) -> list[str]:
    folder = root.resolve().joinpath(*_inside(root, path)) if path else root
    if not folder.is_dir():
        return []
    try:
        return sorted(name for name in os.listdir(folder) if fits_name(name, step))  # noqa: PTH208
    except OSError as error:
        raise _missing(pattern, "{path} cannot be looked for") from error


def _pieces(file: int) -> Iterator[bytes]:
    while piece := os.read(file, PIECE):
        yield piece


def _pack_whole(folder: int, packed: BinaryIO, path: str) -> None:
    try:
        _pack(folder, packed)
    except (OSError, RecursionError, ValueError) as error:
        template = "{path} cannot be packed ({error})" if path else "it cannot be packed ({error})"
        raise _missing(path, template, error=shown(str(error), 200)) from error


def _pack(folder: int, packed: BinaryIO) -> None:
    """Write a .tar.gz that is the same, byte for byte, whenever and wherever the same files are
    packed: in the order of their names, without owner and time."""
    with (
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=packed, mtime=0) as squeezed,
        tarfile.open(fileobj=squeezed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for prefix, folders, files, opened in os.fwalk(".", dir_fd=folder):
            folders[:] = sorted(name for name in folders if name != _GIT)
            for name in sorted((*folders, *files)):
                _put(tar, os.path.normpath(f"{prefix}/{name}"), name, opened)


def _put(tar: tarfile.TarFile, path: str, name: str, folder: int) -> None:
    status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    member = tarfile.TarInfo(path)
    member.mode = 0o755 if status.st_mode & 0o111 else 0o644
    if stat.S_ISREG(status.st_mode):
        with os.fdopen(os.open(name, _FILE, dir_fd=folder), "rb") as file:
            member.size = os.fstat(file.fileno()).st_size
            tar.addfile(member, file)
        return
    if stat.S_ISDIR(status.st_mode):
        member.type = tarfile.DIRTYPE
    elif stat.S_ISLNK(status.st_mode):
        member.type, member.mode = tarfile.SYMTYPE, 0o777
        member.linkname = os.readlink(name, dir_fd=folder)
    else:
        return  # a socket or a pipe that a build left is no part of a package
    tar.addfile(member)


def _missing(path: str, why: str, **values: object) -> PackageMissing:
    return PackageMissing(
        "The build ended well, and its package is not to be had: {reason}.",
        hint="Correct path in the service's build settings (package), or what the command makes.",
        reason=Sentence.of("no_package", why, hint="", path=f"“{shown(path)}”", **values),
    )

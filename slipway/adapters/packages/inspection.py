"""What a package is, found by reading it once and unpacking nothing: format, size, release spec."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Never

from slipway.adapters.packages.compression import decompressed
from slipway.adapters.packages.stream import RecordStream
from slipway.adapters.packages.tars import TarMembers
from slipway.adapters.packages.zips import ZipMembers
from slipway.core.archive import (
    GIB,
    MIB,
    ArchiveLimits,
    ArchiveRefused,
    Member,
    MemberKind,
    check_members,
    member_path,
    shown,
)
from slipway.core.sentence import Sentence
from slipway.core.steps import PackageFormat
from slipway.ports import FORMATS_BY_SUFFIX, PackageRefused

SPEC_NAME = "slipway.yaml"
LONGEST_SPEC = 64 * 1024  # bytes
_LONGEST_FILENAME = 200
_KEPT_WHOLE = (".whl", ".jar")
_HEADERS_PER_MEMBER = 4096  # bytes of a tar that are not content
_JAR_MEMBERS = 200_000


@dataclass(frozen=True, slots=True)
class Inspected:
    """`unpacked_size` in bytes, as it will be on a host."""

    format: PackageFormat
    unpacked_size: int
    spec_text: str = ""


def format_of(filename: str) -> PackageFormat:
    """The format that a file's name promises; no known ending: a single executable file."""
    lower = filename.lower()
    for suffix, package_format in FORMATS_BY_SUFFIX:
        if lower.endswith(suffix):
            return package_format
    return PackageFormat.FILE


def check_filename(filename: str) -> None:
    """Raise PackageRefused unless this is the plain name of one file."""
    plain = re.fullmatch(r"[^/\\.-][^/\\]*", filename) and filename.isprintable()
    if not plain or len(filename.encode("utf-8", "replace")) > _LONGEST_FILENAME:
        raise PackageRefused(
            "{filename} cannot be the name of a package.",
            hint="Give a plain file name such as billing.tar.gz: no folder, no control character,"
            " no dot or dash in front, at most {limit} bytes.",
            filename=shown(filename) or "An empty text",
            limit=_LONGEST_FILENAME,
        )


def inspect(path: Path, *, filename: str, unpacked_limit: int = 4 * GIB) -> Inspected:
    """Read the package at `path`. Raises PackageRefused, naming the member where there is one."""
    check_filename(filename)
    size = path.stat().st_size
    try:
        with path.open("rb") as packed:
            package_format = format_of(filename)
            match package_format:
                case PackageFormat.ZIP:
                    return _inspect_zip(packed, ArchiveLimits(size, unpacked_limit))
                case PackageFormat.FILE:
                    return _inspect_file(packed, filename, size, unpacked_limit)
                case _:
                    return _inspect_tar(packed, package_format, ArchiveLimits(size, unpacked_limit))
    except ArchiveRefused as error:
        raise PackageRefused(error.template, hint=error.hint_template, **error.values) from error


def _inspect_tar(
    packed: BinaryIO, package_format: PackageFormat, limits: ArchiveLimits
) -> Inspected:
    headers = limits.members * _HEADERS_PER_MEMBER
    pieces = decompressed(packed, package_format)
    members = TarMembers(RecordStream(pieces, limit=limits.allowed + headers))
    found: list[bytes] = []

    def watched() -> Iterator[Member]:
        for member in members:
            yield member
            if _is_spec(member):
                found.append(members.content(member.size))

    unpacked = check_members(watched(), limits)
    return Inspected(package_format, unpacked, _spec_text(found))


def _inspect_zip(packed: BinaryIO, limits: ArchiveLimits) -> Inspected:
    members = ZipMembers(packed, limits)
    found: list[bytes] = []
    specs = []
    checked = list(members)
    unpacked = check_members(checked, limits)
    for member, entry in zip(checked, members.entries, strict=True):
        if _is_spec(member):
            specs.append(entry)
    members.check_contents()
    found.extend(b"".join(members.content(entry)) for entry in specs)
    return Inspected(PackageFormat.ZIP, unpacked, _spec_text(found))


def _inspect_file(packed: BinaryIO, filename: str, size: int, unpacked_limit: int) -> Inspected:
    if filename.lower().endswith(_KEPT_WHOLE):
        # Never unpacked by us, so odd but harmless ones may pass: fat jars repeat names.
        limits = ArchiveLimits(size, unpacked_limit, members=_JAR_MEMBERS, repeated_names=True)
        return Inspected(PackageFormat.FILE, size, _inspect_zip(packed, limits).spec_text)
    if not packed.read(4).startswith((b"\x7fELF", b"#!")):
        endings = " ".join(suffix for suffix, _ in FORMATS_BY_SUFFIX)
        raise PackageRefused(
            "{filename} is neither an archive we know nor an executable file.",
            hint="Upload one of {endings}, or a program that begins with ELF or #!.",
            filename=shown(filename),
            endings=endings,
        )
    return Inspected(PackageFormat.FILE, size)


def _is_spec(member: Member) -> bool:
    """Only at the root: a folder around everything is a part of the release, and is kept."""
    if member_path(member.name) != SPEC_NAME:
        return False
    if member.kind is not MemberKind.FILE:
        _refuse_spec("is not a plain file")
    if member.size > LONGEST_SPEC:
        _refuse_spec("is larger than 64 KiB")
    return True


def _spec_text(found: list[bytes]) -> str:
    if not found:
        return ""
    if len(found) > 1:
        _refuse_spec("is there twice")
    try:
        text = found[0].decode("utf-8")
    except UnicodeDecodeError:
        _refuse_spec("is not UTF-8")
    if "\0" in text:
        _refuse_spec("holds a NUL character")
    return text


def _refuse_spec(why: str) -> Never:
    raise PackageRefused(
        "slipway.yaml in the package {why}.",
        hint="Put the release spec into the package's root as a small YAML text file.",
        why=Sentence.of("spec_refused", why),
    )


def too_large(limit: int) -> PackageRefused:
    """The refusal of a package of more than `limit` bytes."""
    return PackageRefused(
        "The package is larger than {limit} MiB, the most that this store takes.",
        hint="Leave out what the service does not need, or raise the limit of the store.",
        limit=limit // MIB,
    )

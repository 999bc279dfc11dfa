"""What a package is, found by reading it once and unpacking nothing: format, size, release spec."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Never

from slipway.adapters.packages.compression import decompressed
from slipway.adapters.packages.stream import RecordStream
from slipway.adapters.packages.tars import TarMembers
from slipway.adapters.packages.zips import ZipMembers, zip_kind
from slipway.core.release.archive import (
    GIB,
    MEMBERS,
    MIB,
    ArchiveLimits,
    ArchiveRefused,
    Member,
    MemberKind,
    check_members,
    member_path,
    shown,
)
from slipway.core.release.contents import HEAD, Contents, HeldFile, head_of
from slipway.core.release.packages import FORMATS_BY_SUFFIX, ending_of
from slipway.core.release.steps import PackageFormat
from slipway.core.words.sentence import Sentence
from slipway.ports import PackageRefused

SPEC_NAME = "slipway.yaml"
LONGEST_SPEC = 64 * 1024  # bytes
_LONGEST_FILENAME = 200
_HEADERS_PER_MEMBER = 4096  # bytes of a tar that are not content
_JAR_MEMBERS = 200_000
_NO_MODE = 0o644  # what a file gets that a zip keeps no mode for


@dataclass(frozen=True, slots=True)
class Inspected:
    """`unpacked_size` in bytes, as it will be on a host."""

    format: PackageFormat
    unpacked_size: int
    spec_text: str = ""
    contents: Contents = field(default_factory=Contents)


def format_of(filename: str) -> PackageFormat:
    """The format that a file's name promises; no known ending: a single executable file."""
    return dict(FORMATS_BY_SUFFIX).get(ending_of(filename), PackageFormat.FILE)


def check_filename(filename: str) -> None:
    """Raise PackageRefused unless this is the plain name of one file."""
    plain = re.fullmatch(r"[^/\\.-][^/\\]*", filename) and filename.isprintable()
    if not plain or len(filename.encode("utf-8", "replace")) > _LONGEST_FILENAME:
        raise PackageRefused(
            "{filename} cannot be the name of a package.",
            hint="Give a plain file name such as billing.tar.gz: no folder, no control character,"
            " no dot or dash in front, at most {limit} bytes.",
            filename=shown(filename) or Sentence.of("empty_text", "An empty text"),
            limit=_LONGEST_FILENAME,
        )


def inspect(
    path: Path, *, filename: str, unpacked_limit: int = 4 * GIB, members: int = MEMBERS
) -> Inspected:
    """Read the package at `path`. Raises PackageRefused, naming the member where there is one."""
    check_filename(filename)
    size = path.stat().st_size
    limits = ArchiveLimits(size, unpacked_limit, members=members)
    try:
        with path.open("rb") as packed:
            package_format = format_of(filename)
            match package_format:
                case PackageFormat.ZIP:
                    return _inspect_zip(packed, limits)
                case PackageFormat.FILE:
                    return _inspect_file(packed, filename, limits)
                case _:
                    return _inspect_tar(packed, package_format, limits)
    except ArchiveRefused as error:
        raise PackageRefused(error.template, hint=error.hint_template, **error.values) from error


def _inspect_tar(
    packed: BinaryIO, package_format: PackageFormat, limits: ArchiveLimits
) -> Inspected:
    headers = limits.members * _HEADERS_PER_MEMBER
    pieces = decompressed(packed, package_format)
    members = TarMembers(RecordStream(pieces, limit=limits.allowed + headers))
    found: list[bytes] = []
    held: dict[str, HeldFile] = {}
    links: set[str] = set()

    def watched() -> Iterator[Member]:
        for member in members:
            yield member
            path = member_path(member.name)
            beginning, checksum = b"", 0
            if _is_spec(member):
                beginning = members.content(member.size)
                found.append(beginning)
            elif member.kind is MemberKind.FILE:
                beginning = members.content(min(member.size, HEAD))
                checksum = members.checksum(beginning, member.size)
            _hold(member, path, (beginning, checksum), held, links)

    unpacked = check_members(watched(), limits)
    contents = Contents(held, frozenset(links))
    return Inspected(package_format, unpacked, _spec_text(found), contents)


def _hold(
    member: Member, path: str, read: tuple[bytes, int], held: dict[str, HeldFile], links: set[str]
) -> None:
    match member.kind:
        case MemberKind.FILE:
            beginning, checksum = read
            held[path] = HeldFile(member.mode, head_of(beginning), (member.size, checksum))
        case MemberKind.HARDLINK:
            held[path] = held[member_path(member.target)]
        case MemberKind.SYMLINK:
            links.add(path)


def _inspect_zip(packed: BinaryIO, limits: ArchiveLimits) -> Inspected:
    members = ZipMembers(packed, limits)
    specs = []
    checked = list(members)
    unpacked = check_members(checked, limits)
    for member, entry in zip(checked, members.entries, strict=True):
        if _is_spec(member):
            specs.append(entry)
    held: dict[str, HeldFile] = {}
    links: set[str] = set()
    read = zip(checked, members.entries, members.beginnings(), strict=True)
    for member, entry, beginning in read:
        known = member if member.mode else replace(member, mode=_NO_MODE)
        _hold(known, member_path(member.name), (beginning, entry.CRC), held, links)
    found = [b"".join(members.content(entry)) for entry in specs]
    contents = Contents(held, frozenset(links))
    return Inspected(PackageFormat.ZIP, unpacked, _spec_text(found), contents)


def _inspect_file(packed: BinaryIO, filename: str, limits: ArchiveLimits) -> Inspected:
    size = limits.packed
    if ending_of(filename):  # a jar and its like
        # What is never unpacked is judged by none of the rules of unpacking.
        most = max(limits.members, _JAR_MEMBERS)
        spec = _spec_of_whole(ZipMembers(packed, replace(limits, members=most)))
        packed.seek(0)
        return Inspected(PackageFormat.FILE, size, spec, _alone(filename, packed.read(HEAD)))
    beginning = packed.read(HEAD)
    if not beginning.startswith((b"\x7fELF", b"#!")):
        endings = " ".join(suffix for suffix, _ in FORMATS_BY_SUFFIX)
        raise PackageRefused(
            "{filename} is neither an archive we know nor an executable file.",
            hint="Upload one of {endings}, or a program that begins with ELF or #!.",
            filename=shown(filename),
            endings=endings,
        )
    return Inspected(PackageFormat.FILE, size, "", _alone(filename, beginning))


def _alone(filename: str, beginning: bytes) -> Contents:
    return Contents({filename: HeldFile(0o755, head_of(beginning))})


def _spec_of_whole(members: ZipMembers) -> str:
    """Of all that is in it only the release spec is read."""
    named = [entry for entry in members.entries if entry.filename == SPEC_NAME]
    for entry in named:
        kind = zip_kind(entry)
        _is_spec(Member(entry.filename, kind, entry.file_size if kind is MemberKind.FILE else 0))
    return _spec_text([members.read(entry) for entry in named])


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
        hint="Leave out what the service does not need, or raise SLIPWAY_PACKAGE_LIMIT of the"
        " server.",
        limit=limit // MIB,
    )

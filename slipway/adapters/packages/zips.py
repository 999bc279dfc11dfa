"""A strict reader of zip files (and jars and wheels): what programs read differently is refused."""

import os
import stat
import struct
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from slipway.adapters.packages.damage import DAMAGE
from slipway.core.release.archive import (
    MANY_MEMBERS,
    ArchiveLimits,
    ArchiveRefused,
    Member,
    MemberKind,
    shown,
)
from slipway.core.words.sentence import Sentence

_END = struct.Struct("<4s4H2LH")
_END_LOCATOR_64 = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s4B4HL2L5H2L")
_LONGEST_COMMENT = 0xFFFF
_PIECE = 256 * 1024
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UNICODE_PATH = 0x7075
_LONGEST_TARGET = 4096
# Python's reader holds the directory in memory, and copies an entry's extra for each field of it.
_LARGEST_DIRECTORY = 32 * 1024 * 1024
_MOST_FIELDS = 32


class ZipMembers:
    """Iterating yields the members; `beginnings` reads them all, to see that they are whole.

    `packed` stays open, and stays the caller's to close.
    """

    def __init__(self, packed: BinaryIO, limits: ArchiveLimits) -> None:
        _check_directory(packed, limits)
        try:
            self.archive = zipfile.ZipFile(packed)
        except DAMAGE as error:
            raise _broken("{error}", error=str(error)) from error
        self.entries = self.archive.infolist()

    def __iter__(self) -> Iterator[Member]:
        _check_overlaps(self.entries)
        for entry in self.entries:
            _check_readable(entry)
            kind = zip_kind(entry)
            target = self.target(entry) if kind is MemberKind.SYMLINK else ""
            size = entry.file_size if kind is MemberKind.FILE else 0
            yield Member(_name(entry), kind, size, entry.external_attr >> 16 & 0o7777, target)

    def target(self, entry: zipfile.ZipInfo) -> str:
        """Where a symbolic link leads: its content."""
        if entry.file_size > _LONGEST_TARGET:
            raise _broken("{name} is a link with too long a target", name=shown(entry.filename))
        return b"".join(self.content(entry)).decode("utf-8", "surrogateescape")

    def read(self, entry: zipfile.ZipInfo) -> bytes:
        """Return the content of an entry that nobody has judged yet."""
        _check_readable(entry)
        return b"".join(self.content(entry))

    def content(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        """Yield an entry's bytes, no more than its declared size, checked to the last one."""
        left = entry.file_size
        try:
            with self.archive.open(entry) as opened:
                while piece := opened.read(_PIECE):
                    left -= len(piece)
                    yield piece
        except DAMAGE as error:
            raise _broken(
                "{name}: {error}", name=shown(entry.filename), error=str(error)
            ) from error
        if left:
            raise _broken("{name} is cut off", name=shown(entry.filename))

    def beginnings(self) -> Iterator[bytes]:
        """Yield how each entry begins, after all of it was read: whole, or refused."""
        for entry in self.entries:
            pieces = self.content(entry)
            beginning = next(pieces, b"")
            for _ in pieces:
                pass
            yield beginning


def zip_kind(entry: zipfile.ZipInfo) -> MemberKind:
    if entry.filename.endswith("/"):
        return MemberKind.FOLDER
    match stat.S_IFMT(entry.external_attr >> 16):
        case 0 | stat.S_IFREG:
            return MemberKind.FILE
        case stat.S_IFLNK:
            return MemberKind.SYMLINK
        case stat.S_IFCHR | stat.S_IFBLK:
            return MemberKind.DEVICE
        case stat.S_IFIFO:
            return MemberKind.FIFO
        case _:
            return MemberKind.OTHER


def _name(entry: zipfile.ZipInfo) -> str:
    """The one name that every program sees. `filename` has lost what follows a NUL."""
    name = entry.orig_filename
    if not entry.flag_bits & _UTF8_NAME:
        name = name.encode("cp437").decode("utf-8", "surrogateescape")
    other = _unicode_path(entry.extra)
    if other is not None and other != name.encode("utf-8", "surrogateescape"):
        raise _broken("{name} has two names", name=shown(name))
    return name


def _unicode_path(extra: bytes) -> bytes | None:
    """The name that Info-ZIP's field for Unicode names says, which unzip believes first."""
    for kind, field in _fields(extra):
        if kind == _UNICODE_PATH:
            return field[5:]
    return None


def _fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while len(extra) >= at + 4:
        kind, length = struct.unpack_from("<HH", extra, at)
        yield kind, extra[at + 4 : at + 4 + length]
        at += 4 + length


def _check_readable(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise _broken("{name} is encrypted", name=shown(entry.filename))
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise _broken(
            "{name} is compressed by something else than deflate", name=shown(entry.filename)
        )
    if entry.filename.endswith("/") and entry.file_size:
        raise _broken("{name} is a folder with content", name=shown(entry.filename))


def _check_overlaps(entries: list[zipfile.ZipInfo]) -> None:
    """Entries that share bytes are how a small zip becomes a large one."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise _broken("{name} overlaps another member", name=shown(entry.filename))
        name = entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF8_NAME else "cp437")
        end = entry.header_offset + 30 + len(name) + entry.compress_size


def _check_directory(packed: BinaryIO, limits: ArchiveLimits) -> None:
    """Walk the directory without keeping it: Python's reader holds all of it in memory."""
    start, size, count = _directory(packed)
    if count > limits.members:
        raise ArchiveRefused(
            "The archive has {count} members; {limit} are allowed.",
            hint=MANY_MEMBERS,
            count=count,
            limit=limits.members,
        )
    if size > _LARGEST_DIRECTORY:
        raise _broken("its directory is larger than that of any real one")
    packed.seek(start)
    found = 0
    while size > 0 and found <= count:
        header = packed.read(_ENTRY.size)
        if len(header) < _ENTRY.size or not header.startswith(b"PK\x01\x02"):
            raise _broken("its directory cannot be read")
        name, extra, comment = struct.unpack("<3H", header[28:34])
        packed.seek(name, os.SEEK_CUR)
        if any(number == _MOST_FIELDS for number, _ in enumerate(_fields(packed.read(extra)))):
            raise _broken("a member in it has more extra fields than any real one")
        packed.seek(comment, os.SEEK_CUR)
        size -= _ENTRY.size + name + extra + comment
        found += 1
    if size or found != count:
        raise _broken("its directory does not have the members it counts")
    packed.seek(0)


def _directory(packed: BinaryIO) -> tuple[int, int, int]:
    """Where the directory starts, its bytes and its members."""
    length = packed.seek(0, os.SEEK_END)
    tail_at = max(0, length - _END.size - _LONGEST_COMMENT - _END_LOCATOR_64.size)
    packed.seek(tail_at)
    tail = packed.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise _broken("its directory is missing; it may be cut off, or be no zip file")
    *_, count, size, _, comment = _END.unpack_from(tail, at)
    if at + _END.size + comment != len(tail):
        raise _broken("something follows its end")
    end_at = tail_at + at
    locator = tail[max(0, at - _END_LOCATOR_64.size) : at]
    if locator.startswith(b"PK\x06\x07"):
        end_at -= _END_LOCATOR_64.size + _END_64.size
        packed.seek(max(0, end_at))
        record = packed.read(_END_64.size)
        if len(record) < _END_64.size or not record.startswith(b"PK\x06\x06"):
            raise _broken("its 64 bit directory is missing")
        *_, count, size, _ = _END_64.unpack(record)
    if size > end_at:
        raise _broken("its directory is larger than itself")
    return end_at - size, size, count


def _broken(why: str, **values: object) -> ArchiveRefused:
    return ArchiveRefused(
        "The zip archive is broken or ambiguous: {why}.",
        hint="Make it again with zip or jar, and compare its sha256 after copying.",
        why=Sentence.of("broken_archive", why, hint="", **values),
    )

"""A strict reader of tar streams: what two programs could read differently is refused.

The host unpacks with its own tar. A lenient reader here (Python's stops silently at a header with a
wrong checksum, GNU tar goes on behind it) would let members through that nobody has looked at.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from slipway.adapters.packages.stream import CutOff, RecordStream
from slipway.core.release.archive import ArchiveRefused, Member, MemberKind, shown
from slipway.core.words.sentence import Sentence

BLOCK = 512
_ZERO = bytes(BLOCK)
_POSIX = b"ustar\x00"  # the version behind it is 00, NULs (Ant) or blanks: no tar looks at it
_GNU = b"ustar  \x00"
_OLD = (bytes(8), b"ustar   ")
_LONGEST_EXTENSION = 256 * 1024
_MOST_GLOBALS = 100  # one is usual; they are no members, so nothing else counts them
_MOST_RECORDS = 1_000  # of one extended header; real ones have a dozen
_MOST_RECORDS_IN_ALL = 600_000  # a dozen for each member
_PLACES = ("path", "linkpath", "size")

_KINDS = {
    b"0": MemberKind.FILE,
    b"\0": MemberKind.FILE,
    b"1": MemberKind.HARDLINK,
    b"2": MemberKind.SYMLINK,
    b"3": MemberKind.DEVICE,
    b"4": MemberKind.DEVICE,
    b"5": MemberKind.FOLDER,
    b"6": MemberKind.FIFO,
    b"S": MemberKind.SPARSE,
}


@dataclass(frozen=True, slots=True)
class _Header:
    name: bytes
    mode: int
    size: int
    type: bytes
    target: bytes


class TarMembers:
    """Iterating yields the members in their order; between two of them `content` reads a file."""

    def __init__(self, stream: RecordStream) -> None:
        self._stream = stream
        self._unread = 0  # bytes of the current member, padding included
        self._extensions: dict[str, bytes] = {}
        self._globals = 0
        self._records = 0
        self._extended_by = b""  # types of the headers before the next member

    def __iter__(self) -> Iterator[Member]:
        try:
            while member := self._next():
                yield member
                self._stream.skip(self._unread)
            self._check_end()
        except CutOff:
            raise _broken("it is cut off") from None

    def content(self, size: int) -> bytes:
        """The first `size` bytes of the current member, which has at least that many."""
        self._unread -= size
        try:
            return self._stream.read(size)
        except CutOff:
            raise _broken("it is cut off") from None

    def checksum(self, beginning: bytes, size: int) -> int:
        """The CRC-32, as zips keep it, of a member of `size` bytes; `beginning` was read of it."""
        found = zlib.crc32(beginning)
        self._unread -= size - len(beginning)
        try:
            for piece in self._stream.pieces(size - len(beginning)):
                found = zlib.crc32(piece, found)
        except CutOff:
            raise _broken("it is cut off") from None
        return found

    def _next(self) -> Member | None:
        while True:
            block = self._stream.read(BLOCK)
            if not block:
                raise _broken("its end marker is missing; it may be cut off")
            if block == _ZERO:
                return None
            header = _parse(block)
            if header.type in {b"x", b"g", b"L", b"K"}:
                self._extend(header)
            else:
                return self._member(header)

    def _member(self, header: _Header) -> Member:
        extensions, self._extensions = self._extensions, {}
        self._extended_by = b""
        size = _decimal(extensions["size"]) if "size" in extensions else header.size
        kind = _KINDS.get(header.type, MemberKind.OTHER)
        if any(key.startswith("GNU.sparse.") for key in extensions):
            kind = MemberKind.SPARSE
        name = _text(extensions.get("path", header.name))
        if kind is MemberKind.FILE and name.endswith("/"):
            kind = MemberKind.FOLDER  # as before there was a type for them
        if kind not in {MemberKind.FILE, MemberKind.SPARSE} and size:
            raise _broken("{name} is a {kind} with content", name=shown(name), kind=kind)
        self._unread = size + -size % BLOCK
        is_link = kind in {MemberKind.SYMLINK, MemberKind.HARDLINK}
        target = _text(extensions.get("linkpath", header.target)) if is_link else ""
        return Member(name, kind, size, header.mode, target)

    def _extend(self, header: _Header) -> None:
        if header.size > _LONGEST_EXTENSION:
            raise _broken("a header in it is longer than any real one")
        data = self._stream.read(header.size)
        self._stream.skip(-header.size % BLOCK)
        if len(data) != header.size:
            raise CutOff
        match header.type:
            case b"L":
                found = {"path": data.split(b"\0")[0]}
            case b"K":
                found = {"linkpath": data.split(b"\0")[0]}
            case _:
                found = _records(data)
                self._count(len(found))
        if header.type == b"g":
            self._check_global(found)
            return
        self._extended_by += header.type
        if self._extended_by not in {b"x", b"L", b"K", b"LK", b"KL"}:
            raise _broken("a member in it has two headers that contradict each other")
        self._extensions |= found

    def _count(self, records: int) -> None:
        self._records += records
        if self._records > _MOST_RECORDS_IN_ALL:
            raise _broken("its extended headers say more than those of any real one")

    def _check_global(self, found: dict[str, bytes]) -> None:
        if any(key in _PLACES or key.startswith("GNU.sparse.") for key in found):
            raise _broken("a global header in it names a path or size for all members")
        self._globals += 1
        if self._globals > _MOST_GLOBALS:
            raise _broken("it has more global headers than any real one")

    def _check_end(self) -> None:
        if self._extended_by:
            raise _broken("a header in it belongs to no member")
        for piece in self._stream.rest():
            if piece.count(0) != len(piece):
                raise _broken("something follows its end marker")


def _parse(block: bytes) -> _Header:
    if len(block) != BLOCK:
        raise CutOff
    if _number(block[148:156]) != sum(block) - sum(block[148:156]) + 8 * ord(" "):
        raise _broken("a header in it has a wrong checksum")
    header = _Header(
        name=block[:100].split(b"\0")[0],
        mode=_number(block[100:108]),
        size=_number(block[124:136]),
        type=block[156:157],
        target=block[157:257].split(b"\0")[0],
    )
    magic, prefix = block[257:265], block[345:500].split(b"\0")[0]
    if magic.startswith(_POSIX):
        return replace(header, name=prefix + b"/" + header.name) if prefix else header
    if magic not in {_GNU, *_OLD} or prefix:
        raise _broken("it is of a kind that programs read differently")
    return header


def _number(field: bytes) -> int:
    if field[0] == 0x80:  # GNU's way to write what needs more than 11 octal digits
        return int.from_bytes(field[1:], "big")
    digits = field.split(b"\0")[0].strip(b" ")
    if digits.strip(b"01234567"):
        raise _broken("a header in it has no number where one belongs")
    return int(digits, 8) if digits else 0


def _decimal(digits: bytes) -> int:
    if not (digits.isdigit() and len(digits) <= 19):
        raise _broken("a header in it has no number where one belongs")
    return int(digits)


def _records(data: bytes) -> dict[str, bytes]:
    """The `LENGTH KEY=VALUE\\n` records of a pax header."""
    found: dict[str, bytes] = {}
    at = 0  # a copy of the rest for each record would make a small header a lot of work
    while at < len(data):
        digits, _, _ = data[at : at + 12].partition(b" ")
        end = at + _decimal(digits)
        record = data[at + len(digits) + 1 : end]
        key, equals, value = record.partition(b"=")
        if not equals or not value.endswith(b"\n") or len(data) < end:
            raise _broken("an extended header in it cannot be read")
        name = _text(key)
        if name in found:
            raise _broken("an extended header in it says {name} twice", name=shown(name))
        if len(found) == _MOST_RECORDS:
            raise _broken("its extended headers say more than those of any real one")
        found[name] = value[:-1]
        at = end
    return found


def _text(raw: bytes) -> str:
    """Undecodable bytes stay visible to the rule that refuses them."""
    return raw.decode("utf-8", "surrogateescape")


def _broken(why: str, **values: object) -> ArchiveRefused:
    return ArchiveRefused(
        "The tar archive is broken or ambiguous: {why}.",
        hint="Make it again with an ordinary tar, and compare its sha256 after copying.",
        why=Sentence.of("broken_archive", why, hint="", **values),
    )

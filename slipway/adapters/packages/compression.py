"""The bytes inside a compressed stream, piece by piece, whole or refused."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import zstandard

from slipway.adapters.packages.damage import DAMAGE
from slipway.core.release.steps import PackageFormat
from slipway.ports import PackageRefused

# As much as `zstd -d` and `xz -d` on a host use without being told otherwise: what needs more to be
# unpacked could not be unpacked there either.
_ZSTD_WINDOW = 128 * 1024 * 1024
_XZ_MEMORY = 128 * 1024 * 1024
# One after the other they are one file: bgzip makes one for each 64 KiB, of 4 GiB then.
_MOST_STREAMS = 65_536
_PLAIN_PIECE = 256 * 1024
_BZIP2_PIECE = 8 * 1024 * 1024


class Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


class _Bzip2:
    """A block of 45 bytes may hold 45 MB, so it answers in pieces, asked for without more bytes."""

    def __init__(self) -> None:
        self._made = bz2.BZ2Decompressor()

    @property
    def eof(self) -> bool:
        return self._made.eof

    @property
    def unused_data(self) -> bytes:
        return self._made.unused_data

    @property
    def has_more(self) -> bool:
        return not self._made.needs_input and not self._made.eof

    def decompress(self, data: bytes, /) -> bytes:
        try:
            return self._made.decompress(data, _BZIP2_PIECE)
        except OSError as error:  # what is no bzip2, not a disk that failed
            raise EOFError(str(error)) from error


@dataclass(frozen=True, slots=True)
class _Codec:
    """`piece` bytes go in at once: so few that even the worst bomb answers with some 16 MB."""

    name: str
    make: Callable[[], Decompressor]
    piece: int


def _zstd() -> Decompressor:
    made: Decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
    return made


_CODECS = {
    PackageFormat.TAR_GZ: _Codec("gzip", lambda: zlib.decompressobj(wbits=31), 16 * 1024),
    PackageFormat.TAR_XZ: _Codec(
        "xz", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY), 2 * 1024
    ),
    PackageFormat.TAR_ZST: _Codec("zstd", _zstd, 512),
    PackageFormat.TAR_BZ2: _Codec("bzip2", _Bzip2, 2 * 1024),
}


def decompressed(packed: BinaryIO, package_format: PackageFormat) -> Iterator[bytes]:
    """Yield the decompressed bytes from here to the end of `packed`.

    Raises PackageRefused when they are broken, cut off or followed by something else.
    """
    codec = _CODECS.get(package_format)
    if codec is None:
        yield from iter(lambda: packed.read(_PLAIN_PIECE), b"")
        return
    try:
        yield from _streams(packed, codec)
    except DAMAGE as error:
        raise PackageRefused(
            "The package is no whole {codec} file: {error}.",
            hint="Make it again, and compare its sha256 before and after it was copied.",
            codec=codec.name,
            error=str(error),
        ) from error


def _streams(packed: BinaryIO, codec: _Codec) -> Iterator[bytes]:
    """Several streams one after the other are one file, as for gunzip, unxz and unzstd."""
    decompressor, inside, before, streams = codec.make(), False, False, 1
    while data := packed.read(codec.piece):
        while data := data if inside or not before else data.lstrip(b"\0"):  # padding between them
            inside = True
            yield decompressor.decompress(data)
            while isinstance(decompressor, _Bzip2) and decompressor.has_more:
                yield decompressor.decompress(b"")
            if not decompressor.eof:
                break
            data = decompressor.unused_data
            decompressor, inside, before, streams = codec.make(), False, True, streams + 1
            if streams > _MOST_STREAMS:
                raise EOFError("it is made of more parts than any real one")
    if inside or not before:
        raise EOFError("it ends in the middle")

"""Makes archives byte by byte, the honest and the hostile ones."""

import gzip
import io
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable

import zstandard

BLOCK = 512
END = bytes(2 * BLOCK)

COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    ".tar": bytes,
    ".tar.gz": lambda data: gzip.compress(data, mtime=0),
    ".tar.xz": lzma.compress,
    ".tar.zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}


def header(  # every field of a header is a way to attack
    name: bytes,
    *,
    type_: bytes = b"0",
    size: int = 0,
    target: bytes = b"",
    mode: int = 0o644,
    magic: bytes = b"ustar\x0000",
    prefix: bytes = b"",
    size_field: bytes = b"",
    checksum: int | None = None,
) -> bytes:
    block = bytearray(BLOCK)
    block[0 : len(name)] = name
    block[100:108] = b"%07o\0" % mode
    block[108:116] = block[116:124] = b"%07o\0" % 0
    block[124:136] = size_field or b"%011o\0" % size
    block[136:148] = b"%011o\0" % 0
    block[148:156] = b" " * 8
    block[156:157] = type_
    block[157 : 157 + len(target)] = target
    block[257:265] = magic
    block[345 : 345 + len(prefix)] = prefix
    total = sum(block) if checksum is None else checksum
    block[148:156] = b"%06o\0 " % total
    return bytes(block)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % BLOCK)


def entry(name: bytes, data: bytes = b"", *, type_: bytes = b"0", **fields: object) -> bytes:
    fields.setdefault("size", len(data))
    return header(name, type_=type_, **fields) + padded(data)  # type: ignore[arg-type]


def pax(type_: bytes = b"x", **values: str) -> bytes:
    """An extended header; `GNU__sparse__name` stands for GNU.sparse.name."""
    data = b""
    for key, value in values.items():
        rest = f" {key.replace('__', '.')}={value}\n".encode("utf-8", "surrogateescape")
        length = len(rest) + len(str(len(rest) + 2))
        while len(str(length)) + len(rest) != length:
            length += 1
        data += str(length).encode() + rest
    return entry(b"PaxHeaders/x", data, type_=type_)


def tar(*entries: bytes, end: bytes = END) -> bytes:
    return b"".join(entries) + end


def tree() -> bytes:
    """A small honest service."""
    return tar(
        entry(b"./", type_=b"5", mode=0o755),
        entry(b"./slipway.yaml", b"run: ./bin/billing\n"),
        entry(b"./bin/", type_=b"5", mode=0o755),
        entry(b"./bin/billing", b"#!/bin/sh\nexec sleep 1000\n", mode=0o755),
        entry(b"./current", type_=b"2", target=b"bin/billing"),
        entry(b"./README", bytes(range(256)) * 40),
    )


def zipped(
    *entries: tuple[str, bytes, int], compression: int = zipfile.ZIP_DEFLATED, comment: bytes = b""
) -> bytes:
    """Entries are (name, content, mode with type bits)."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, content, mode in entries:
            info = zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6))
            info.external_attr = mode << 16
            info.compress_type = compression
            archive.writestr(info, content)
        archive.comment = comment
    return made.getvalue()


def zip_tree() -> bytes:
    return zipped(
        ("slipway.yaml", b"run: ./bin/billing\n", stat.S_IFREG | 0o644),
        ("bin/", b"", stat.S_IFDIR | 0o755),
        ("bin/billing", b"#!/bin/sh\nexec sleep 1000\n", stat.S_IFREG | 0o755),
        ("current", b"bin/billing", stat.S_IFLNK | 0o777),
        ("README", bytes(range(256)) * 40, stat.S_IFREG | 0o644),
        ("from-windows", b"no mode at all", 0),
    )


def raw_zip(
    name: bytes,
    content: bytes = b"x",
    *,
    local_name: bytes | None = None,
    flags: int = 0,
    method: int = 0,
    declared: int | None = None,
    extra: bytes = b"",
    copies: int = 1,
) -> bytes:
    """A zip whose local header and directory may disagree; `copies` share the same bytes."""
    size = len(content) if declared is None else declared
    crc, local = zlib.crc32(content), name if local_name is None else local_name
    fixed = struct.pack("<HHHHHLLL", 20, flags, method, 0, 0x21, crc, len(content), size)
    body = b"PK\x03\x04" + fixed + struct.pack("<HH", len(local), 0) + local + content
    directory = b""
    for number in range(copies):
        own = name + (str(number).encode() if copies > 1 else b"")
        lengths = struct.pack("<HHHHHLL", len(own), len(extra), 0, 0, 0, 0o100644 << 16, 0)
        directory += b"PK\x01\x02" + struct.pack("<H", 0x314) + fixed + lengths + own + extra
    return body + directory + zip_end(copies, len(directory), len(body))


def zip_end(count: int, size: int, offset: int) -> bytes:
    return b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, count, count, size, offset, 0)

"""Archives that are small and unpack to much: refused soon, in little memory."""

import gzip
import io
import lzma
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from tests.adapters.packages.archives import END, entry, header, zip_end

MIB = 1 << 20
MOST_MEMORY = 150 * MIB
MOST_TIME = 20.0  # seconds; about one on a machine that does nothing else

INSPECT = """
import pathlib, sys
from slipway.adapters.packages import DiskPackages
from slipway.ports import PackageRefused
path = pathlib.Path(sys.argv[1])
try:
    with path.open("rb") as opened:
        DiskPackages(path.parent / "store").ingest(opened, filename=path.name)
    print("taken")
except PackageRefused as error:
    print(error.message)
status = pathlib.Path("/proc/self/status").read_text()  # ru_maxrss would begin with our parent's
print(int(status.split("VmHWM:")[1].split()[0]) * 1024)
"""


def packing(path: Path) -> io.BufferedIOBase:
    match path.suffix:
        case ".gz":
            return gzip.GzipFile(path, "wb", compresslevel=9)
        case ".xz":
            return lzma.LZMAFile(path, "wb", preset=1)
        case _:
            made: io.BufferedIOBase = zstandard.open(path, "wb")
            return made


def zeros(path: Path, first: bytes, mib: int) -> None:
    with packing(path) as opened:
        opened.write(first)
        for _ in range(mib):
            opened.write(bytes(MIB))
        opened.write(END)


def gzip_bomb(path: Path) -> str:
    zeros(path, header(b"z", size=256 * MIB), 256)
    assert path.stat().st_size < 300_000  # 1 : 1000
    return "unpacks to more than 64 MiB"


def gzip_bomb_behind_the_end(path: Path) -> str:
    zeros(path, entry(b"x", b"x") + END, 300)
    return "unpacks to more than 259 MiB"


def gzip_bomb_in_a_header(path: Path) -> str:
    zeros(path, header(b"p", type_=b"x", size=256 * MIB), 256)
    return "longer than any real one"


def gzip_of_endless_headers(path: Path) -> str:
    with gzip.open(path, "wb", 9) as opened:
        for _ in range(300):
            opened.write(entry(b"g", b"13 comment=x\n", type_=b"g") * 1000)
    return "more global headers than any real one"


def gzip_of_many_members(path: Path) -> str:
    with gzip.open(path, "wb", 6) as opened:
        for number in range(100_000):
            opened.write(header(b"%d" % number))
        opened.write(END)
    return "more than 50000 members"


def xz_bomb(path: Path) -> str:
    zeros(path, header(b"z", size=256 * MIB), 256)
    return "unpacks to more than 64 MiB"


def xz_bomb_behind_the_end(path: Path) -> str:
    zeros(path, entry(b"x", b"x") + END, 300)
    return "unpacks to more than 259 MiB"


def zstd_bomb(path: Path) -> str:
    zeros(path, header(b"z", size=256 * MIB), 256)
    return "unpacks to more than 64 MiB"


def zstd_bomb_behind_the_end(path: Path) -> str:
    zeros(path, entry(b"x", b"x") + END, 300)
    return "unpacks to more than 259 MiB"


def zip_bomb(path: Path) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for number in range(8):
            archive.writestr(f"z{number}", bytes(32 * MIB))
    return "unpacks to more than 64 MiB"


def zip_with_a_huge_directory(path: Path) -> str:
    record = b"PK\x01\x02" + struct.pack("<6H3L5H2L", *[0] * 9, 1, *[0] * 6) + b"a"
    count = 200 * MIB // len(record)
    with path.open("wb") as opened:
        for _ in range(100):
            opened.write(record * (count // 100))
        opened.write(zip_end(0xFFFF - 1, count // 100 * 100 * len(record), 0))
    return "65534 members; 50000 are allowed"


def zip_with_a_huge_uncounted_directory(path: Path) -> str:
    zip_with_a_huge_directory(path)
    with path.open("r+b") as opened:
        size = opened.seek(-22, io.SEEK_END)
        opened.write(zip_end(1, size, 0))
    return "its directory is larger than that of any real one"


def a_large_honest_file(path: Path) -> str:
    noise = bytes(range(256)) * (MIB // 256)
    with path.open("wb") as opened:
        opened.write(header(b"data", size=300 * MIB))
        for _ in range(300):
            opened.write(noise)
        opened.write(END)
    return "taken"


CASES: dict[str, Callable[[Path], str]] = {
    "1.tar.gz": gzip_bomb,
    "2.tar.gz": gzip_bomb_behind_the_end,
    "3.tar.gz": gzip_bomb_in_a_header,
    "4.tar.gz": gzip_of_endless_headers,
    "5.tar.gz": gzip_of_many_members,
    "6.tar.xz": xz_bomb,
    "7.tar.xz": xz_bomb_behind_the_end,
    "8.tar.zst": zstd_bomb,
    "9.tar.zst": zstd_bomb_behind_the_end,
    "10.zip": zip_bomb,
    "11.zip": zip_with_a_huge_directory,
    "12.zip": zip_with_a_huge_uncounted_directory,
    "13.tar": a_large_honest_file,
}


@pytest.mark.parametrize("filename", CASES)
def test_a_bomb_needs_little_memory_and_little_time(filename: str, tmp_path: Path) -> None:
    path = tmp_path / filename
    sentence = CASES[filename](path)
    began = time.monotonic()
    looked = subprocess.run(
        [sys.executable, "-c", INSPECT, str(path)], capture_output=True, text=True, check=True
    )
    took = time.monotonic() - began
    said, memory = looked.stdout.splitlines()
    print(f"{took:.1f} s, {int(memory) // MIB} MiB")
    assert sentence in said
    assert int(memory) < MOST_MEMORY
    assert took < MOST_TIME

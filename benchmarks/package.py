"""The service that is released: Debian's prometheus-node-exporter, packed as two versions."""

import hashlib
import io
import random
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

DEBIAN_PACKAGE = "prometheus-node-exporter"
SERVICE = "node-exporter"
SERVICE_PORT = 9100
PARTS = Path(__file__).parent / "service"
_MARK = 256 * 1024  # bytes at the end of the binary that make the versions differ


@dataclass(frozen=True, slots=True)
class Package:
    """A version as one .tar.gz; `binary` is the sha256 of the program in it."""

    version: str
    path: Path
    binary: str


def fetch_binary(cache: Path) -> Path:
    """Return the program, fetched from Debian once. Raises FileNotFoundError when it is not to be
    had, CalledProcessError when apt-get does not work."""
    binary = cache / DEBIAN_PACKAGE
    if not binary.exists():
        cache.mkdir(parents=True, exist_ok=True)
        if not _download(cache):  # a fresh machine has no package lists yet
            subprocess.run(["apt-get", "-q", "update"], check=True, capture_output=True)
            if not _download(cache):
                raise FileNotFoundError(f"apt-get cannot download {DEBIAN_PACKAGE}: use --binary")
        (archive,) = cache.glob(f"{DEBIAN_PACKAGE}_*.deb")
        unpacked = cache / "unpacked"
        subprocess.run(["dpkg-deb", "-x", str(archive), str(unpacked)], check=True)
        (unpacked / "usr/bin" / DEBIAN_PACKAGE).rename(binary)
        shutil.rmtree(unpacked)
    return binary


def _download(cache: Path) -> bool:
    command = ["apt-get", "-q", "download", DEBIAN_PACKAGE]
    return subprocess.run(command, cwd=cache, check=False, capture_output=True).returncode == 0


def make_package(folder: Path, version: str, binary: Path) -> Package:
    """Pack the program with its scripts; the same version is always the same bytes.

    What is behind the end of an ELF file is not looked at when it is started, so incompressible
    bytes there make another version of a program that does the same.
    """
    program = binary.read_bytes() + random.Random(version).randbytes(_MARK)
    path = folder / f"{SERVICE}-{version}.tar.gz"
    with tarfile.open(path, "w:gz", compresslevel=6) as archive:
        _add(archive, "bin/node-exporter", program, 0o755)
        for part in sorted(PARTS.iterdir()):
            _add(archive, part.name, part.read_bytes(), part.stat().st_mode & 0o755)
    return Package(version, path, hashlib.sha256(program).hexdigest())


def _add(archive: tarfile.TarFile, name: str, data: bytes, mode: int) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), mode
    archive.addfile(info, io.BytesIO(data))

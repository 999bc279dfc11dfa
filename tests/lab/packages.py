"""Packages of a service that none of us wrote: Debian's prometheus-node-exporter, two versions."""

import fcntl
import gzip
import io
import os
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from tests.lab.images import cache_folder

SERVICE = "node-exporter"
PROGRAM = "prometheus-node-exporter"
SPEC = """\
run: ./bin/prometheus-node-exporter --web.listen-address=:${PORT} --no-collector.systemd
user: app
health:
  http: "http://127.0.0.1:${PORT}/metrics"
  interval: 200ms
  timeout: 20s  # a machine full of other tests is slow, not ill
  min_healthy_time: 1s
"""
MIRROR = "http://deb.debian.org/debian"


@dataclass(frozen=True, slots=True)
class RealPackage:
    """A package file, and what the service says of itself at /metrics when this one runs."""

    path: Path
    version: str


def get_node_exporters() -> tuple[RealPackage, RealPackage]:
    """Return the older and the newer package; fetched from Debian on first use.

    Raises subprocess.CalledProcessError with apt's words when they cannot be fetched.
    """
    older, newer = (_get_package(suite) for suite in ("bookworm", "trixie"))
    return older, newer


def pack(files: dict[str, bytes], to: Path) -> Path:
    """Write a .tar.gz package, the same bytes each time; what lies in bin/ is executable."""
    new = to.with_suffix(f".{os.getpid()}")
    with (
        new.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=1, mtime=0) as file,
        tarfile.open(fileobj=file, mode="w") as archive,
    ):
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.mode = 0o755 if name.startswith("bin/") else 0o644
            archive.addfile(member, io.BytesIO(content))
    return new.rename(to)


def _get_package(suite: str) -> RealPackage:
    folder = cache_folder() / f"{PROGRAM}-{suite}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not list(folder.glob("*.deb")):
            _download(suite, folder)
    [deb] = folder.glob("*.deb")
    unpacked = folder / "unpacked"
    subprocess.run(["dpkg-deb", "--extract", str(deb), str(unpacked)], check=True)
    program = (unpacked / "usr/bin" / PROGRAM).read_bytes()
    version = deb.name.split("_")[1].partition("-")[0]
    package = pack(
        {"slipway.yaml": SPEC.encode(), f"bin/{PROGRAM}": program},
        folder / f"{SERVICE}-{version}.tar.gz",
    )
    return RealPackage(package, version)


def _download(suite: str, folder: Path) -> None:
    """Fetch the .deb with apt, signature checked, without touching this machine's own lists."""
    state = folder / "apt"
    (state / "lists/partial").mkdir(parents=True, exist_ok=True)
    mirror = os.environ.get("SLIPWAY_LAB_MIRROR", MIRROR)
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    (state / "sources.list").write_text(f"deb [signed-by={keyring}] {mirror} {suite} main\n")
    options = [
        *("-o", f"Dir::State={state}", "-o", f"Dir::Cache={state}", "-o", "Dir::Etc::Parts=-"),
        *("-o", f"Dir::Etc::SourceList={state / 'sources.list'}", "-o", "Dir::Etc::SourceParts=-"),
        *("-o", "APT::Sandbox::User=root"),  # its own user cannot write into our cache
    ]
    for command in (["update"], ["download", PROGRAM]):
        subprocess.run(
            ["apt-get", "-qq", *options, *command], cwd=folder, check=True, capture_output=True
        )

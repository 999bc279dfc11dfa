"""Builds the packages of the demo's service, as a CI job would."""

import io
import tarfile
from pathlib import Path

SOURCE = Path(__file__).parent / "shop"
SCRIPTS = ("start.sh", "stop.sh", "status.sh")
BROKEN = "1.2"  # it starts, and never gets healthy


def build(folder: Path, version: str) -> Path:
    """Write shop-<version>.tar.gz into `folder` and return its path."""
    path = folder / f"shop-{version}.tar.gz"
    flags = "--broken" if version == BROKEN else ""
    with tarfile.open(path, "w:gz") as package:
        for name in ("app.py", "slipway.yaml", *SCRIPTS):
            _add(package, name, (SOURCE / name).read_bytes())
        _add(package, "flags", flags.encode())
    return path


def _add(package: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mode = 0o755 if name in SCRIPTS else 0o644
    package.addfile(member, io.BytesIO(content))

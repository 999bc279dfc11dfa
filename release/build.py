"""Makes everything that people install, into one folder: wheel, CLI, .deb, notes, checksums."""

import argparse
import hashlib
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from release.client import make_client
from release.debian import make_deb
from release.sources import CACHE, ROOT, Refused, copy_sources, make_wheel, read_version

SUMS = "SHA256SUMS"
# For who installs the wheel.
BESIDE = (ROOT / "requirements.lock", ROOT / "release" / "slipway.service")


def main(argv: Sequence[str] | None = None) -> int:
    """Make a release; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bin/release", description=__doc__)
    parser.add_argument("--version", help="another than the sources', to try an upgrade")
    parser.add_argument("--into", type=Path, default=ROOT / "dist", help="the folder (dist)")
    options = parser.parse_args(argv)
    try:
        made = make(options.into, options.version or read_version())
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    for path in made:
        print(f"{path.stat().st_size / 2**20:7.1f} MiB  {path}")
    return 0


def make(folder: Path, version: str) -> list[Path]:
    """Make all files of a version, then put them into the folder in place of an older release's.
    Raises Refused."""
    if not re.fullmatch(r"\d+(\.\d+)*((a|b|rc)\d+)?", version):
        raise Refused(f"{version} is no version: write 1.2.3 or 1.2.3rc1")
    notes = section_of((ROOT / "CHANGELOG.md").read_text(), version)
    _check_holds_a_release_at_most(folder)
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        sources = copy_sources(Path(scratch) / "sources", version)
        new = Path(scratch) / "new"
        new.mkdir()
        wheel = make_wheel(sources, new)
        made = [
            wheel,
            make_client(sources, version, new),
            make_deb(wheel, version, Path(scratch) / "deb", new),
        ]
        made += [Path(shutil.copy(path, new)) for path in BESIDE]
        made.append(new / "CHANGELOG.md")
        made[-1].write_text(notes)
        sums = "".join(f"{_sha256(path)}  {path.name}\n" for path in made)
        return _replace(folder, made, sums)


def _check_holds_a_release_at_most(folder: Path) -> None:
    """Raise Refused for a folder with anything else in it: it could be somebody's home."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise Refused(f"{folder} is no folder")
    listed = _listed(folder)
    for path in sorted(folder.iterdir()):
        if path.name not in listed or not path.is_file():
            raise Refused(
                f"{folder} holds {path.name}, which is of no release made there: give --into a "
                "folder that is empty or does not exist"
            )


def _listed(folder: Path) -> set[str]:
    sums = folder / SUMS
    lines = sums.read_text("utf-8", "replace").splitlines() if sums.is_file() else []
    return {SUMS, *(line.partition("  ")[2] for line in lines)}


def _replace(folder: Path, made: list[Path], sums: str) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    _check_holds_a_release_at_most(folder)
    for path in folder.iterdir():
        path.unlink()
    # First, so that what an interrupted run leaves is known as ours.
    (folder / SUMS).write_text(sums)
    return [*(Path(shutil.move(path, folder)) for path in made), folder / SUMS]


def section_of(changelog: str, version: str) -> str:
    """Return a version's section; of one that is not released yet, what is unreleased."""
    title, *sections = re.split(r"^(?=## )", changelog, flags=re.MULTILINE)
    by_name = {
        section.split("\n")[0].removeprefix("## ").split(" ")[0]: section for section in sections
    }
    section = by_name.get(version) or by_name.get("Unreleased")
    if section is None:
        raise Refused(f"CHANGELOG.md has neither a section {version} nor one that is unreleased")
    body = section.partition("\n")[2].strip()
    return f"{title.splitlines()[0]}\n\n## {version}\n\n{body}\n"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main())

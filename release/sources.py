"""The sources of a release, apart from the tree that somebody works in."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "release"
PACKAGES = ("slipway", "slipway_cli", "slipway_demo")
VERSION = re.compile(r'^__version__ = "(.*)"$', re.MULTILINE)
VERSION_FILE = "slipway/__init__.py"  # the one place; the package and its metadata read it there


class Refused(Exception):
    """It cannot be made here; says why and what to do."""


def read_version() -> str:
    """Return the version that the sources say they are."""
    found = VERSION.search((ROOT / VERSION_FILE).read_text())
    if found is None:
        raise Refused(f"{VERSION_FILE} says no __version__")
    return found[1]


def copy_sources(to: Path, version: str) -> Path:
    """Copy what a wheel is made of: setuptools leaves its scratch beside what it builds."""
    to.mkdir(parents=True)
    for name in PACKAGES:
        shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "SECURITY.md"):
        shutil.copy(ROOT / name, to)
    file = to / VERSION_FILE
    file.write_text(VERSION.sub(f'__version__ = "{version}"', file.read_text()))
    return to


def make_wheel(sources: Path, folder: Path) -> Path:
    """Build the wheel; its build tool is in the environment already, so nothing is fetched."""
    pip(
        "wheel", "--no-deps", "--no-build-isolation", "--no-index", f"--wheel-dir={folder}", sources
    )
    [wheel] = folder.glob("slipway-*.whl")
    return wheel


def pip(*arguments: str | Path) -> None:
    """Run pip; what it says is shown only when it fails. Raises Refused."""
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]
    run(*command, *map(str, arguments))


def run(*command: str | Path) -> None:
    """Run a command; what it says is shown only when it fails. Raises Refused."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Refused(f"{done.stdout}\n{' '.join(map(str, command))} ended with {done.returncode}")

"""Asks ansible-inventory and ssh what they say of the inventories beside this file, and keeps it:
`python -m tests.core.reading.inventories.record`, on a machine that has both."""

import json
import os
import subprocess
from pathlib import Path

from slipway_cli.files.ssh_answers import NOBODY, _names

HERE = Path(__file__).parent
ANSIBLE = sorted(path for path in (HERE / "ansible").iterdir() if path.suffix != ".said")
SSH = sorted(path for path in (HERE / "ssh").iterdir() if path.suffix != ".said")
STRICT = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1"}


def said_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.said")


def ask_ansible(path: Path, program: str = "ansible-inventory") -> str:
    """Return what `ansible-inventory --list` says of a file."""
    words = [program, "-i", str(path), "--list"]
    return subprocess.run(
        words, env={**os.environ, **STRICT}, capture_output=True, text=True, check=True
    ).stdout


def ask_ssh(path: Path, folder: Path, program: str = "ssh") -> dict[str, dict[str, str]]:
    """Return address, port and user that `ssh -G` says of each host of a file; "" where the file
    names no user."""
    config = folder / "config"
    config.write_text(f"{path.read_text()}\nHost *\n  User {NOBODY}\n")
    found = {}
    for name in dict.fromkeys(_names(path.read_text(), 0)):
        words = [program, "-G", "-F", str(config), name]
        ended = subprocess.run(words, capture_output=True, text=True, check=True)
        said = dict(line.partition(" ")[::2] for line in ended.stdout.splitlines())
        said["user"] = said["user"].replace(NOBODY, "")
        found[name] = {key: said[key] for key in ("hostname", "port", "user")}
    return found


def main() -> None:
    """Keep what both say now."""
    from tempfile import TemporaryDirectory  # noqa: PLC0415

    for path in ANSIBLE:
        said_of(path).write_text(ask_ansible(path))
    with TemporaryDirectory() as folder:
        for path in SSH:
            text = json.dumps(ask_ssh(path, Path(folder)), indent=1)
            said_of(path).write_text(f"{text}\n")


if __name__ == "__main__":
    main()

"""What the .deb does where it is installed, upgraded and removed, and the modes of its files."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from release.debian import PARTS, open_to_readers

KEEPS_NOTES = '#!/bin/sh\necho "${0##*/} $*" >>"$NOTES"\n'
SAYS_STATE = 'case $1 in show) echo "$STATE" ;; esac\n'


def run(script: str, word: str, machine: Path, state: str = "inactive") -> list[str]:
    """Run a maintainer's script on a machine that is a folder; returns what it had done."""
    programs, notes = machine / "bin", machine / "notes"
    programs.mkdir()
    for name in ("systemctl", "getent", "chown", "chmod", "install"):
        (programs / name).write_text(KEEPS_NOTES + (SAYS_STATE if name == "systemctl" else ""))
        (programs / name).chmod(0o755)
    text = (PARTS / script).read_text()
    for folder in ("/run/", "/etc/", "/var/lib/"):
        (machine / folder.strip("/")).mkdir(parents=True, exist_ok=True)
        text = text.replace(folder, f"{machine}{folder}")
    (machine / "run/systemd/system").mkdir(parents=True)
    environment = {"PATH": f"{programs}:{os.defpath}", "NOTES": str(notes), "STATE": state}
    subprocess.run(["/bin/sh", "-c", text, script, word], env=environment, check=True, timeout=60)
    return notes.read_text().splitlines()


@pytest.mark.parametrize("settings", [True, False])
def test_it_is_configured_though_the_settings_were_done_away_with(
    tmp_path: Path, settings: bool
) -> None:
    path = tmp_path / "etc/slipway/slipway.env"
    if settings:
        path.parent.mkdir(parents=True)
        path.touch()
    done = run("postinst", "configure", tmp_path)
    assert (f"chmod 0640 {path}" in done) == settings
    assert (f"chown root:slipway {path}" in done) == settings
    assert "systemctl daemon-reload" in done


@pytest.mark.parametrize(
    ("state", "stopped"),
    [
        *(("active", True), ("activating", True), ("reloading", True)),
        *(("inactive", False), ("failed", False), ("deactivating", False)),
    ],
)
def test_what_runs_or_is_starting_is_stopped_for_an_upgrade_and_started_again(
    tmp_path: Path, state: str, stopped: bool
) -> None:
    done = run("prerm", "upgrade", tmp_path, state)
    assert ("systemctl stop slipway.service" in done) == stopped
    assert (tmp_path / "run/slipway-upgrade").exists() == stopped


def test_its_files_can_be_read_whatever_the_umask_of_who_made_it(tmp_path: Path) -> None:
    tree, elsewhere = tmp_path / "tree", tmp_path / "elsewhere"
    for path, mode in (
        *((tree, 0o700), (tree / "DEBIAN", 0o770)),
        *((tree / "closed", 0o600), (tree / "program", 0o700), (tree / "open", 0o666)),
        (elsewhere, 0o600),
    ):
        path.mkdir() if path.name in ("tree", "DEBIAN") else path.touch()
        path.chmod(mode)
    (tree / "linked").hardlink_to(elsewhere)
    (tree / "link").symlink_to("/nowhere")
    open_to_readers(tree)
    modes = {path.name: stat.S_IMODE(path.lstat().st_mode) for path in (tree, *tree.iterdir())}
    modes.pop("link")
    folders, files = {"tree": 0o755, "DEBIAN": 0o755}, {"closed": 0o644, "open": 0o644}
    assert modes == {**folders, **files, "program": 0o755, "linked": 0o644}
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o600

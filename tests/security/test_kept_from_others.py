"""What a package keeps from others (0600, 0640, a folder 0700) others do not read on a host."""

import io
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from slipway.core.release.steps import PackageFormat, PackageRef, RunHook
from slipway.core.spec.values import EVERYBODY, Hook
from tests.adapters.ssh import made
from tests.corpus.library import run
from tests.security.conftest import AS_ROOT, Yard

STRANGER, GAMES, DAEMON = 54321, "games", "daemon"
FILES = {
    "secret.pem": 0o600,
    "group.conf": 0o640,
    "own/inner": 0o644,
    "own/program": 0o755,
    "open.txt": 0o644,
}
CLOSED = ["group.conf", "own/inner", "own/program", "secret.pem"]
READ = RunHook("drain", Hook(("cat", *FILES), made.SOON, made.SOON), "1.0", GAMES)

pytestmark = [AS_ROOT, pytest.mark.once]


def package(folder: Path) -> tuple[PackageRef, Path]:
    path = folder / "billing.tar"
    if path.exists():
        return made.ref(path, PackageFormat.TAR), path
    with tarfile.open(path, "w") as archive:
        own = tarfile.TarInfo("own")
        own.type, own.mode = tarfile.DIRTYPE, 0o700
        archive.addfile(own)
        scripts = {name: (text, 0o755) for name, text in made.SCRIPTS.items()}
        files = {name: (name.encode() + b"\n", mode) for name, mode in FILES.items()}
        for name, (text, mode) in (scripts | files).items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(text), mode
            archive.addfile(member, io.BytesIO(text))
    return made.ref(path, PackageFormat.TAR), path


async def bring(yard: Yard, version: str) -> None:
    found, path = package(yard.folder)
    await yard.hosts.send_package(yard.access, "billing", found, path)
    name = f"bring-{version.replace('.', '-')}"
    (result,) = await yard.perform(made.chain(made.unpack(version, found), name=name))
    assert result.exit_code == 0, result


async def switch(yard: Yard, version: str, user: str, readers: str = "", name: str = "s") -> str:
    step = replace(made.switch(yard.root, version), shared_owner=user, readers=readers)
    (switched,) = await yard.perform(made.chain(step, name=name))
    assert switched.exit_code == 0, switched
    return switched.output


def unread(yard: Yard, version: str, user: str | int) -> list[str]:
    """The files that somebody cannot read."""
    folder = Path(yard.root, "billing/releases", version)
    group: str | int = user
    return sorted(
        name
        for name in FILES
        if subprocess.run(
            ["cat", folder / name],
            capture_output=True,
            check=False,
            user=user,
            group=group,
            extra_groups=[],
        ).returncode
    )


async def drifted(yard: Yard) -> bool:
    (seen,) = (await yard.hosts.observe(yard.access, "billing")).instances
    return bool(seen.drift)


async def test_it_is_read_by_whom_it_runs_as_though_everybody_reads_the_rest(
    any_yard: Yard,
) -> None:
    await bring(any_yard, "1.0")
    said = await switch(any_yard, "1.0", GAMES, EVERYBODY)
    assert "keeps from others stays so: of its service's users only games reads it." in said
    assert unread(any_yard, "1.0", STRANGER) == CLOSED
    assert unread(any_yard, "1.0", GAMES) == []
    (read,) = await any_yard.perform(made.chain(replace(READ, readers=EVERYBODY), name="read"))
    assert (read.exit_code, read.output.split()) == (0, list(FILES))
    assert not await drifted(any_yard)

    # As whom it runs may change, and nobody may be named at all.
    await switch(any_yard, "1.0", DAEMON, EVERYBODY, "daemon")
    assert (unread(any_yard, "1.0", GAMES), unread(any_yard, "1.0", DAEMON)) == (CLOSED, [])
    await switch(any_yard, "1.0", "", EVERYBODY, "nobody")
    assert unread(any_yard, "1.0", DAEMON) == CLOSED
    assert not await drifted(any_yard)


async def test_it_is_read_by_whom_it_runs_where_others_read_nothing(any_yard: Yard) -> None:
    await bring(any_yard, "1.0")
    await switch(any_yard, "1.0", GAMES)
    assert unread(any_yard, "1.0", STRANGER) == sorted(FILES)
    assert unread(any_yard, "1.0", GAMES) == []


async def test_versions_of_the_same_bytes_run_as_different_users(any_yard: Yard) -> None:
    await bring(any_yard, "1.0")
    await switch(any_yard, "1.0", GAMES, EVERYBODY)
    await bring(any_yard, "1.1")
    await switch(any_yard, "1.1", DAEMON, EVERYBODY, "later")
    for version, user, other in (("1.0", GAMES, DAEMON), ("1.1", DAEMON, GAMES)):
        assert unread(any_yard, version, user) == []
        assert unread(any_yard, version, other) == CLOSED
        assert unread(any_yard, version, STRANGER) == CLOSED


async def test_what_is_unpacked_anew_is_read_by_whom_it_was(any_yard: Yard) -> None:
    await bring(any_yard, "1.0")
    await switch(any_yard, "1.0", GAMES, EVERYBODY)
    Path(any_yard.root, "billing/releases/1.0/open.txt").unlink()
    found, path = package(any_yard.folder)
    await any_yard.hosts.send_package(any_yard.access, "billing", found, path)
    (result,) = await any_yard.perform(made.chain(made.unpack("1.0", found), name="anew"))
    assert result.exit_code == 0, result
    assert unread(any_yard, "1.0", GAMES) == []
    assert unread(any_yard, "1.0", STRANGER) == CLOSED


async def test_edited_files_are_seen_all_the_same(any_yard: Yard) -> None:
    await bring(any_yard, "1.0")
    Path(any_yard.root, "billing/releases/1.0/secret.pem").write_text("mine")
    await switch(any_yard, "1.0", GAMES)
    assert await drifted(any_yard)


async def test_nothing_is_shared_with_what_an_older_program_unpacked(any_yard: Yard) -> None:
    await bring(any_yard, "1.0")
    readers = Path(any_yard.root, "billing/releases/1.0/.slipway-readers")
    readers.chmod(0o644)
    readers.write_text("")
    found, path = package(any_yard.folder)
    sent = await any_yard.hosts.send_package(any_yard.access, "billing", found, path)
    assert sent == found.size


def open_without_sudo(folder: Path, readers: str) -> tuple[str, int, str]:
    """What is said and left, by a login that may give nothing to a group."""
    secret = folder / "1.0/secret.pem"
    secret.parent.mkdir()
    secret.write_text("key")
    secret.chmod(0o400)
    kept = folder / "1.0/.slipway-readers"
    kept.write_text("private -\n")
    said = run(
        f"releases={folder} version=1.0 readers={readers} sudo=false me=deploy",
        f"open_release {GAMES}",
        "echo $? $said",
    )
    return said, secret.stat().st_mode & 0o777, kept.read_text()


def test_what_nobody_can_give_to_the_user_stays_open_and_that_is_said(tmp_path: Path) -> None:
    """A service that ran goes on running."""
    said, mode, kept = open_without_sudo(tmp_path, "")
    assert said.startswith("0 Everybody on this host can read")
    assert "can read all of release 1.0" in said
    assert (mode, kept) == (0o444, "open\n")


def test_it_stays_closed_where_everybody_reads_the_rest(tmp_path: Path) -> None:
    said, mode, kept = open_without_sudo(tmp_path, EVERYBODY)
    assert said.startswith("77 games cannot read what the package of 1.0 keeps from others")
    assert (mode, kept) == (0o400, "private -\n")


def test_nor_does_what_comes_in_the_place_of_an_edited_release_open_it(tmp_path: Path) -> None:
    for name, kept in (("1.0", "private 60"), (".1.0.fresh", "private -")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "secret.pem").write_text("key")
        (tmp_path / name / "secret.pem").chmod(0o400)
        (tmp_path / name / ".slipway-readers").write_text(f"{kept}\n")
    fresh = tmp_path / ".1.0.fresh"
    run(f"fresh={fresh} sudo=false", f"put_aside {tmp_path}/1.0")
    assert (fresh / "secret.pem").stat().st_mode & 0o777 == 0o400
    assert (fresh / ".slipway-readers").read_text() == "private -\n"

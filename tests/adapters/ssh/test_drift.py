"""What somebody else changed on a host is seen at a look, and mended by what brings it anew."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from slipway.core.hosts.drift_words import Drift, What
from slipway.core.release.steps import Fence, Prune, RunHook
from slipway.core.spec.values import Hook
from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard
from tests.fakes.hosts import FakeHosts


async def drift(yard: Yard) -> tuple[Drift, ...]:
    seen = (await yard.hosts.observe(yard.access, "billing")).instances
    return next(one.drift for one in seen if one.instance == "8080")


def edit(yard: Yard, name: str) -> None:
    """Change a file of release 1.0 that is there already."""
    if isinstance(yard.hosts, FakeHosts):
        yard.hosts.at("web-1").edited.setdefault(("billing", "1.0"), set()).add(name)
        return
    path = Path(yard.root, "billing/releases/1.0", name)
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content + b"# edited\n")


async def test_what_nobody_touched_has_not_drifted(yard: Yard) -> None:
    await yard.bring("1.0")
    await yard.run("1.0")
    assert await drift(yard) == ()


async def test_an_edited_file_is_seen_and_unpacked_anew(yard: Yard) -> None:
    package = await yard.bring("1.0", tool=b"#!/bin/sh\n")
    await yard.run("1.0")
    edit(yard, "bin/tool.sh")
    assert await drift(yard) == (Drift(What.FILES, 1, "bin/tool.sh"),)
    path = yard.folder / package.filename
    assert await yard.hosts.send_package(yard.access, "billing", package, path) == package.size
    steps = made.unpack("1.0", package), made.switch(yard.root, "1.0"), made.restart()
    results = await yard.perform(made.chain(*steps, name="mend"))
    assert [result.exit_code for result in results] == [0, 0, 0], results
    assert await drift(yard) == ()


async def test_edited_settings_are_seen_and_written_anew(yard: Yard) -> None:
    await yard.bring("1.0")
    await yard.run("1.0")
    if isinstance(yard.hosts, FakeHosts):
        yard.hosts.at("web-1").instances["billing", "8080"].edited.add(What.SETTINGS)
    else:
        settings = Path(yard.root, "billing/8080/environment")
        settings.write_text(settings.read_text() + "PORT=1\n")
        os.utime(settings, ns=(settings.stat().st_atime_ns, settings.stat().st_mtime_ns + 10**7))
    assert await drift(yard) == (Drift(What.SETTINGS),)
    (result,) = await yard.perform(made.chain(made.switch(yard.root, "1.0"), name="mend"))
    assert result.exit_code == 0
    assert await drift(yard) == ()


@pytest.mark.parametrize("change", ["removed", "mode", "time"])
async def test_a_file_need_not_be_longer_to_be_seen(ssh: Yard, change: str) -> None:
    await ssh.bring("1.0", tool=b"#!/bin/sh\n")
    await ssh.run("1.0")
    tool = Path(ssh.root, "billing/releases/1.0/bin/tool.sh")
    match change:
        case "removed":
            tool.unlink()
        case "mode":
            tool.chmod(0o700)
        case "time":
            os.utime(tool, (1, 1))
    assert await drift(ssh) == (Drift(What.FILES, 1, f"bin/{tool.name}"),)


async def test_what_a_service_puts_beside_its_files_is_no_drift(ssh: Yard) -> None:
    await ssh.bring("1.0")
    await ssh.run("1.0")
    logs = Path(ssh.root, "billing/releases/1.0/bin/logs")
    logs.mkdir()
    (logs / "app.log").write_bytes(b"\0")
    assert await drift(ssh) == ()


async def test_what_a_release_prepares_for_itself_is_no_drift(ssh: Yard) -> None:
    prepare = b"#!/bin/sh\necho ready >>bin/tool.sh\n"
    await ssh.bring("1.0", tool=b"#!/bin/sh\n", prepare=prepare)
    await ssh.run("1.0")
    Path(ssh.root, "billing/releases/1.0/bin/tool.sh").chmod(0o755)
    hook = RunHook("before_activate", Hook(("./bin/prepare.sh",), made.SOON, made.SOON), "1.0")
    (result,) = await ssh.perform(made.chain(hook, name="prepare"))
    assert result.exit_code == 0, result
    assert await drift(ssh) == ()


async def test_instances_of_one_host_prepare_the_same_release_side_by_side(ssh: Yard) -> None:
    # So many files that a list takes its time.
    many = {f"part{number}": b"#!/bin/sh\n" for number in range(500)}
    prepare = b"#!/bin/sh\necho ready >>bin/tool.sh\n"
    await ssh.bring("1.0", tool=b"#!/bin/sh\n", prepare=prepare, **many)
    await ssh.run("1.0")
    Path(ssh.root, "billing/releases/1.0/bin/tool.sh").chmod(0o755)
    hook = RunHook("before_activate", Hook(("./bin/prepare.sh",), made.SOON, made.SOON), "1.0")

    async def by(instance: int) -> None:
        for number in range(6):
            chain = made.chain(hook, name=f"p{instance}-{number}", instance=str(instance))
            (result,) = await ssh.perform(replace(chain, fence=Fence(1, number + 1)))
            assert (result.exit_code, result.output) == (0, ""), result

    await asyncio.gather(*(by(8000 + number) for number in range(8)))
    assert await drift(ssh) == ()


async def test_of_two_that_link_one_folder_at_once_one_has_it(ssh: Yard) -> None:
    await ssh.bring("1.0")
    both = (
        ssh.perform(
            made.chain(
                replace(made.switch(ssh.root, "1.0", instance), shared=("data",)),
                name=f"s{instance}",
                instance=instance,
            )
        )
        for instance in ("8080", "8081")
    )
    results = [result for (result,) in await asyncio.gather(*both)]
    assert sorted(result.exit_code for result in results) == [0, 65], results
    assert "belongs to another instance" in "".join(result.output for result in results)


async def test_what_runs_from_an_edited_release_keeps_its_files_until_it_is_started_anew(
    ssh: Yard,
) -> None:
    package = await ssh.bring("1.0", tool=b"#!/bin/sh\n")
    await ssh.run("1.0")
    edit(ssh, "bin/tool.sh")
    path = ssh.folder / package.filename
    await ssh.hosts.send_package(ssh.access, "billing", package, path)
    releases = Path(ssh.root, "billing/releases")
    before = (releases / "1.0/bin/tool.sh").stat().st_ino
    prune = Prune(("1.0",))
    results = await ssh.perform(made.chain(made.unpack("1.0", package), prune, name="anew"))
    assert [result.exit_code for result in results] == [0, 0], results
    kept = [each.stat().st_ino for each in releases.glob(".1.0.*.gone/bin/tool.sh")]
    assert kept == [before]
    await ssh.perform(made.chain(made.restart(), prune, name="restarted"))
    assert not list(releases.glob(".*.gone"))


async def test_links_to_shared_folders_are_ours(ssh: Yard) -> None:
    await ssh.bring("1.0")
    shared = replace(made.switch(ssh.root, "1.0"), shared=("data", "var/log"))
    (result,) = await ssh.perform(made.chain(shared, name="switch"))
    assert result.exit_code == 0, result
    Path(ssh.root, "billing/releases/1.0/data/rows").write_text("1")
    assert await drift(ssh) == ()


async def test_a_release_whose_folder_is_gone(ssh: Yard) -> None:
    await ssh.bring("1.0")
    await ssh.run("1.0")
    release = Path(ssh.root, "billing/releases/1.0")
    release.rename(release.with_name("elsewhere"))
    assert await drift(ssh) == (Drift(What.RELEASE_GONE),)
    release.with_name("elsewhere").rename(release)


async def test_many_names_are_counted_and_some_are_told(ssh: Yard) -> None:
    names = [f"{'x' * 150}{number:03}" for number in range(200)]
    await ssh.bring("1.0", **dict.fromkeys(names, b"#!/bin/sh\n"))
    await ssh.run("1.0")
    for name in names:
        Path(ssh.root, f"billing/releases/1.0/bin/{name}.sh").unlink()
    (found,) = await drift(ssh)
    assert found.what is What.FILES
    assert found.count >= 200
    assert 100 < len(found.names) <= 300


async def test_the_same_bytes_are_not_taken_from_a_release_that_was_edited(ssh: Yard) -> None:
    package = await ssh.bring("1.0", tool=b"#!/bin/sh\n")
    edit(ssh, "bin/tool.sh")
    (result,) = await ssh.perform(made.chain(made.unpack("1.1", package), name="again"))
    assert result.exit_code == 66


async def test_a_shared_folder_begins_whole_where_another_try_was_cut_off(ssh: Yard) -> None:
    await ssh.bring("1.0")
    left = Path(ssh.root, "billing/8080/shared/.seed/half")
    left.parent.mkdir(parents=True)
    left.write_text("of a try that was cut off")
    left.parent.chmod(0o555)  # as what a release holds
    shared = replace(made.switch(ssh.root, "1.0"), shared=("bin", "var/log"))
    (result,) = await ssh.perform(made.chain(shared, name="switch"))
    assert result.exit_code == 0, result
    folder = left.parent.parent
    assert {path.name for path in (folder / "bin").iterdir()} >= {"start.sh", "stop.sh"}
    assert sorted(path.name for path in folder.iterdir()) == ["bin", "var"]
    assert list((folder / "var/log").iterdir()) == []

"""A build by command reaches neither Slipway nor what other services build."""

import os
import secrets
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from slipway.adapters.builds.command.enclosure.isolation import Isolation, NotIsolated
from slipway.adapters.builds.command.server import CommandServer
from tests.adapters.builds.command.bench import (
    FAILED,
    SUCCESS,
    Bench,
    a_bench,
    is_alive,
    until,
)
from tests.security.conftest import AS_ROOT

pytestmark = pytest.mark.once

MIB = 1024**2
ENDS_WELL = "mkdir -p dist; : >dist/shop.tar.gz"


@pytest.fixture
def bench() -> Iterator[Bench]:
    with a_bench() as made:
        yield made


def said_by(bench: Bench, script: str, **more: object) -> str:
    """What a build with this script prints."""
    bench.commit(f"{script}\n{ENDS_WELL}")
    order = bench.order(**more)  # type: ignore[arg-type]
    seen = bench.build(order)
    log = bench.log(order, seen)
    assert seen.status is SUCCESS, log
    return log


def attempt(*words: str) -> str:
    """A line of a script that says whether it could be done."""
    line = shlex.join(words)
    return f"if {line} 2>/dev/null; then echo 'BROKEN INTO: {line}'; else echo held; fi"


def test_a_build_finds_nothing_of_slipways(bench: Bench) -> None:
    data = bench.folder / "data"
    data.mkdir(mode=0o700)
    for name in ("keys", "slipway.sqlite3"):
        (data / name).write_text(f"the-secret-{name}\n")
        (data / name).chmod(0o644)  # whatever somebody did to it
    bench.server = CommandServer(bench.builds, Isolation(hidden=(str(data),)))
    attempts = [
        attempt("cat", str(data / "keys")),
        attempt("cat", str(data / "slipway.sqlite3")),
        attempt("ls", str(data)),
        attempt("ls", str(bench.builds)),
        attempt("cat", str(bench.place().log)),
        attempt("cat", str(bench.place().folder / "runner.json")),
        attempt("ls", "/root"),
        attempt("cat", "/etc/shadow"),
        attempt("cat", "/proc/1/environ"),
        attempt("ls", "/proc/1/fd"),
        attempt("ls", "/proc/1/root/"),
        attempt("sh", "-c", "echo x >/usr/mine"),
        attempt("sh", "-c", "echo x >/mine"),
        attempt("mount", "-t", "tmpfs", "tmpfs", "/tmp"),
    ]
    log = said_by(bench, "\n".join(attempts))
    assert "BROKEN INTO" not in log
    assert log.count("held\n") == len(attempts)
    assert "the-secret" not in log


def test_secrets_below_a_folder_of_the_system_are_hidden_too(bench: Bench) -> None:
    shared = bench.folder / "shared"
    (shared / "data").mkdir(parents=True)
    (shared / "data" / "keys").write_text("the-secret\n")
    (shared / "tool").write_text("a tool\n")
    isolation = Isolation(readable=(str(shared),), hidden=(str(shared / "data"),))
    bench.server = CommandServer(bench.builds, isolation)
    script = f"cat {shared}/tool; {attempt('cat', str(shared / 'data/keys'))}"
    log = said_by(bench, f"{script}; {attempt('touch', str(shared / 'mine'))}")
    assert "a tool\n" in log
    assert log.count("held\n") == 2
    assert "the-secret" not in log


def test_a_folder_of_slipways_cannot_be_shown_to_builds(bench: Bench) -> None:
    data = bench.folder / "data"
    (data / "packages").mkdir(parents=True)
    isolation = Isolation(readable=(str(data / "packages"),), hidden=(str(data),))
    bench.server = CommandServer(bench.builds, isolation)
    bench.commit(ENDS_WELL)
    with pytest.raises(NotIsolated, match="a folder for builds lies in one of Slipway's"):
        bench.server.start(bench.order())


def test_a_build_sees_no_process_but_its_own_and_signals_none(bench: Bench) -> None:
    mark = f"mark-{secrets.token_hex(8)}"
    with subprocess.Popen(
        ["sleep", "600"], env={"SECRET": mark}, stdin=subprocess.DEVNULL
    ) as foreign:
        try:
            script = (
                f"kill -9 {foreign.pid} 2>/dev/null; kill -9 -1 2>/dev/null; kill -9 1; "
                "cat /proc/*/environ /proc/*/cmdline | tr '\\0' '\\n' >seen; ls /proc >numbers"
            )
            # Its own shell is spared by kill -1; whatever else there is would not be.
            log = said_by(bench, script)
            assert foreign.poll() is None
            source = bench.place().source
            assert mark not in (source / "seen").read_text() + log
            numbers = [n for n in (source / "numbers").read_text().split() if n.isdecimal()]
            assert str(foreign.pid) not in numbers
            assert len(numbers) <= 4
        finally:
            foreign.kill()


@AS_ROOT
def test_two_services_that_build_at_once_are_two_users_and_do_not_meet(bench: Bench) -> None:
    bench.commit(
        "id -u >who; echo secret-of-$SLIPWAY_SERVICE >secret; echo yes >begun\n"
        f"while ! [ -e act ]; do sleep 0.02; done; . ./act; {ENDS_WELL}"
    )
    orders = {
        name: replace(bench.order(correlation=f"b-{name}"), service=name)
        for name in ("shop", "billing")
    }
    ids = {name: bench.start(order) for name, order in orders.items()}
    places = {name: bench.place(f"b-{name}") for name in orders}
    for place in places.values():
        bench.await_file(place.source / "begun")
    users = {(place.source / "who").read_text().strip() for place in places.values()}
    assert len(users) == 2
    assert not users & {"0", str(os.geteuid())}
    other = places["billing"].source
    attempts = [
        attempt("cat", str(other / "secret")),
        attempt("cat", "../../b-billing/source/secret"),
        attempt("sh", "-c", f"echo x >{other}/secret"),
        attempt("sh", "-c", f"echo x >{other}/dist/shop.tar.gz"),
    ]
    (places["shop"].source / "act.new").write_text("\n".join(attempts) + "\n")
    (places["shop"].source / "act.new").rename(places["shop"].source / "act")
    seen = bench.await_end(orders["shop"], ids["shop"])
    assert bench.log(orders["shop"], seen).count("held\n") == len(attempts)
    assert not bench.server.look(orders["billing"], ids["billing"]).status.is_over
    (other / "act").touch()
    assert bench.await_end(orders["billing"], ids["billing"]).status is SUCCESS
    assert (other / "secret").read_text() == "secret-of-billing\n"
    for name, place in places.items():
        assert str(place.source.stat().st_uid) in users, name
        assert place.source.stat().st_mode & 0o077 == 0


@AS_ROOT
def test_no_user_is_used_again_while_a_folder_of_its_is_kept(bench: Bench) -> None:
    bench.server = CommandServer(bench.builds, Isolation(numbers=range(60_800, 60_802)))
    bench.commit(ENDS_WELL)
    for number in (1, 2):
        assert bench.build(bench.order(correlation=f"b-{number}")).status is SUCCESS
    owners = {bench.place(f"b-{number}").source.stat().st_uid for number in (1, 2)}
    assert owners == {60_800, 60_801}
    with pytest.raises(Exception, match="No user is free for another build: the numbers 60800 to"):
        bench.server.start(bench.order(correlation="b-3"))


def test_a_build_that_holds_too_much_memory_is_ended(bench: Bench) -> None:
    one = "dd if=/dev/zero bs=20M count=1 | sleep 60"  # it holds what the pipe does not take
    bench.commit(f"for i in 1 2 3 4 5 6; do ({one}) & done; wait")
    seen = bench.build(replace(bench.order(), memory_limit=64 * MIB))
    assert (seen.status, str(seen.says)) == (
        FAILED,
        "Its processes held over 64 MiB (memory_limit).",
    )


SHARED = {
    "a file without a name": "f = os.memfd_create('x'); w = lambda: os.write(f, piece)",
    "a map of all its processes": "m = mmap.mmap(-1, 200 * 2**20); w = lambda: m.write(piece)",
}


@pytest.mark.parametrize("script", SHARED.values(), ids=SHARED)
def test_memory_that_no_process_shows_as_its_own_is_counted(bench: Bench, script: str) -> None:
    fill = f"piece = bytes(2**20); {script}; [w() for _ in range(200)]"
    program = f"import mmap, os, time; {fill}; time.sleep(600)"
    bench.commit(f"exec /usr/bin/python3 -c {shlex.quote(program)}")
    seen = bench.build(replace(bench.order(), memory_limit=64 * MIB))
    assert (seen.status, str(seen.says)) == (
        FAILED,
        "Its processes held over 64 MiB (memory_limit).",
    )


def test_files_in_memory_and_segments_that_nobody_has_open_take_a_quarter(bench: Bench) -> None:
    fill = "head -c 100M /dev/zero >/dev/shm/a 2>/dev/null; stat -c %s /dev/shm/a >much"
    bench.commit(f"{fill}; cat /proc/sys/kernel/shmall >pages; {ENDS_WELL}")
    assert bench.build(replace(bench.order(), memory_limit=64 * MIB)).status is SUCCESS
    source = bench.place().source
    assert int((source / "much").read_text()) == 16 * MIB
    pages = int((source / "pages").read_text())
    assert pages * os.sysconf("SC_PAGE_SIZE") == 16 * MIB


def test_one_process_does_not_get_more_memory_than_the_build(bench: Bench) -> None:
    bench.commit("exec head -c 300M /dev/zero | tail -c 300M >/dev/null")
    order = replace(bench.order(), memory_limit=64 * MIB)
    assert bench.build(order).status is FAILED


def test_a_build_has_no_more_processes_than_it_may(bench: Bench) -> None:
    forks = "i=0; while [ $i -lt 99 ]; do sleep 60 & i=$((i+1)); echo $i >$HOME/started; done"
    bench.commit(f"{forks}; wait")
    assert bench.build(replace(bench.order(), process_limit=16)).status is FAILED
    assert int((bench.place().home / "started").read_text()) <= 18


def test_a_build_without_a_network_reaches_nothing(bench: Bench) -> None:
    script = "cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d ' ' >links"
    bench.commit(f"{script}; {ENDS_WELL}")
    assert bench.build(replace(bench.order(), network=False)).status is SUCCESS
    assert (bench.place().source / "links").read_text() == "lo\n"


def test_what_a_build_has_left_ends_though_its_runner_is_killed(bench: Bench) -> None:
    bench.commit("echo yes >begun; setsid sleep 600 & exec sleep 600")
    order = bench.order()
    bench.start(order)
    bench.await_file(bench.place().source / "begun")
    note = bench.place().note
    assert note is not None
    runner = int(str(note["pid"]))
    until(lambda: len(_below(runner)) >= 4)  # both sleeps are there, some time after the file
    below = _below(runner)
    os.kill(runner, 9)
    until(lambda: not any(is_alive(pid) for pid in below))


def _below(pid: int) -> list[int]:
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [found for child in map(int, children) for found in (child, *_below(child))]
    return []

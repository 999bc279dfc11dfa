"""What ends a build by command before its time, and that nothing of it is left then."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from slipway.adapters.builds.command.enclosure import isolation
from slipway.adapters.builds.command.enclosure.isolation import Isolation, bounded
from slipway.adapters.builds.command.processes.tree import end_leftovers
from tests.adapters.builds.command.bench import (
    FAILED,
    IS_ROOT,
    NEEDS_ROOT,
    SUCCESS,
    Bench,
    a_bench,
    is_alive,
    pid_inside,
    until,
)

MIB = 1024**2
# Ignores being asked to end, has a session of its own, and its parent ends at once.
STUBBORN = (
    "(trap '' TERM HUP INT; setsid sh -c 'trap \"\" TERM HUP INT; echo $$ >pid;"
    " while :; do sleep 1; done' &)"
)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with a_bench() as made:
        yield made


def runner_of(bench: Bench) -> int:
    note = bench.place().note
    assert note is not None
    return int(str(note["pid"]))


def test_a_build_over_its_time_is_ended_with_children_that_will_not_end(bench: Bench) -> None:
    bench.commit(f"{STUBBORN}; trap '' TERM; while :; do sleep 1; done")
    order = bench.order(seconds=2)
    build_id = bench.start(order)
    pid = pid_inside(int(bench.await_file(bench.place().source / "pid")))
    seen = bench.await_end(order, build_id)
    assert (seen.status, str(seen.says)) == (FAILED, "It did not end within 2s and was ended.")
    assert not is_alive(pid)
    until(lambda: not is_alive(runner_of(bench)))


def test_what_a_build_leaves_behind_is_ended_with_it(bench: Bench) -> None:
    bench.commit(
        f"{STUBBORN}; while ! [ -e seen ]; do sleep 0.05; done; mkdir dist; : >dist/shop.tar.gz"
    )
    order = bench.order()
    build_id = bench.start(order)
    pid = pid_inside(int(bench.await_file(bench.place().source / "pid")))
    (bench.place().source / "seen").touch()
    assert bench.await_end(order, build_id).status is SUCCESS
    assert not is_alive(pid)


@pytest.mark.parametrize(
    "script",
    [
        "exec dd if=/dev/zero of=big bs=1M count=200",
        "i=0; while :; do i=$((i+1)); head -c 4000000 /dev/zero >part-$i; sleep 0.02; done",
        "dd if=/dev/zero of=$HOME/big bs=1M count=200; exit 0",
    ],
    ids=["one file", "many files", "at home, unnoticed by the command"],
)
def test_a_folder_that_grows_over_its_limit_ends_the_build(bench: Bench, script: str) -> None:
    bench.commit(script)
    order = bench.order(size_limit=64 * MIB)
    seen = bench.build(order)
    assert seen.status is FAILED
    assert str(seen.says) == "Its folder reached 64 MiB, the most it may have (size_limit)."


def test_a_killed_runner_leaves_an_interrupted_build_and_no_process(bench: Bench) -> None:
    bench.commit(f"{STUBBORN}; echo $$ >first; exec sleep 600")
    order = bench.order()
    build_id = bench.start(order)
    names = ("pid", "first")
    pids = [pid_inside(int(bench.await_file(bench.place().source / name))) for name in names]
    os.kill(runner_of(bench), signal.SIGKILL)
    seen = bench.await_end(order, build_id)
    assert (seen.status, str(seen.says)) == (FAILED, "The build was interrupted.")
    until(lambda: not any(is_alive(pid) for pid in pids))
    assert bench.server.find(order) == seen
    assert bench.start(order) == build_id  # and it is not run a second time
    assert bench.server.look(order, build_id) == seen


def test_a_runner_that_is_asked_to_end_says_so(bench: Bench) -> None:
    bench.commit("touch begun; exec sleep 600")
    order = bench.order()
    build_id = bench.start(order)
    until((bench.place().source / "begun").exists)
    os.kill(runner_of(bench), signal.SIGTERM)
    seen = bench.await_end(order, build_id)
    assert seen.status is FAILED
    assert str(seen.says) == "The build was interrupted: its machine was going down."


def test_the_time_of_the_checkout_counts(bench: Bench) -> None:
    bench.commit("")
    order = bench.order(seconds=0.001)
    seen = bench.build(order)
    assert (seen.status, str(seen.says)) == (FAILED, "It did not end within 1ms and was ended.")


def test_a_runner_has_nothing_of_its_starter_but_its_own_files(bench: Bench) -> None:
    bench.commit("touch begun; exec sleep 600")
    with (bench.folder / "of-the-starter").open("w") as opened:
        os.set_inheritable(opened.fileno(), True)
        bench.start(bench.order())
    until((bench.place().source / "begun").exists)
    command = pid_inside(2)
    # Without root's rights nobody looks into the runner: it has had a credential.
    for pid in (runner_of(bench), command) if IS_ROOT else (command,):
        goals = {os.readlink(path) for path in Path(f"/proc/{pid}/fd").iterdir()}  # noqa: PTH115
        inside = {goal for goal in goals if goal.startswith(str(bench.place().folder))}
        rest = {goal for goal in goals - inside if not goal.startswith("pipe:")}
        assert rest == {"/dev/null"}
    assert os.getsid(runner_of(bench)) == runner_of(bench)


@pytest.mark.skipif(not IS_ROOT, reason=NEEDS_ROOT)
def test_a_command_of_root_s_worker_does_not_run_as_root(bench: Bench) -> None:
    bench.commit("id -u >who; id -G >groups; exec sleep 600")
    bench.start(bench.order())
    assert bench.await_file(bench.place().source / "who") != "0"
    assert bench.await_file(bench.place().source / "groups") != "0"
    pid = pid_inside(2)
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    assert status["NoNewPrivs"].strip() == "1"
    assert int(status["CapEff"], 16) == 0
    for path in (bench.place().log, bench.place().claim, bench.builds):
        assert path.stat().st_uid == 0
    assert (bench.place().folder.stat().st_mode & 0o777) == 0o711


@pytest.mark.skipif(not IS_ROOT, reason=NEEDS_ROOT)
def test_root_s_builds_run_as_one_of_the_users_that_are_configured(bench: Bench) -> None:
    bench.server = type(bench.server)(bench.builds, Isolation(numbers=range(60_900, 60_901)))
    bench.commit("id -u >who; touch $HOME/x $TMPDIR/x; mkdir dist; : >dist/shop.tar.gz")
    assert bench.build(bench.order()).status is SUCCESS
    assert (bench.place().source / "who").read_text() == "60900\n"


def test_only_what_bears_the_mark_of_a_build_is_left_over() -> None:
    assert end_leftovers("SLIPWAY_BUILD=no-such-build") == 0


def _child_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


@pytest.mark.parametrize("programs", [("systemd-run",), ()])
def test_where_systemd_runs_without_its_program_a_build_has_no_scope(
    programs: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in programs:
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(isolation, "_SYSTEMD", tmp_path)
    monkeypatch.setattr(isolation, "PATH", str(tmp_path))
    command = bounded(["sh"], memory=MIB, processes=20)
    assert (command[0], command[-1]) == (programs[0] if programs else "sh", "sh")

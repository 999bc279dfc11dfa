"""Builds by command from start to package, as the port promises them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from slipway.adapters.builds.command.server import CommandServer
from slipway.core.builds.state import SeenStatus
from slipway.ports.builds import BuildGone, ServerRefused, ServerTrouble
from tests.adapters.builds.command.bench import (
    CANCELLED,
    FAILED,
    MAKES_PACKAGE,
    SUCCESS,
    Bench,
    a_bench,
    is_alive,
    pid_inside,
    starter,
    until,
)

DAY = timedelta(days=1)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with a_bench() as made:
        yield made


def test_a_build_checks_out_runs_its_command_and_gives_the_package(bench: Bench) -> None:
    commit = bench.commit(MAKES_PACKAGE)
    order = bench.order()
    assert bench.server.resolve(order) == commit
    seen = bench.build(order)
    assert (seen.status, seen.commit, seen.ref) == (SUCCESS, commit, "main")
    assert seen.started_at is not None
    assert seen.finished_at is not None
    assert seen.started_at <= seen.finished_at
    assert bench.package(order, seen) == ("shop.tar.gz", f"of {commit}\n".encode())


def test_the_commit_of_the_order_is_built_though_the_branch_went_on(bench: Bench) -> None:
    first = bench.commit("mkdir dist; echo first >dist/shop.tar.gz")
    bench.commit("exit 1")
    seen = bench.build(bench.order(first))
    assert (seen.status, seen.commit) == (SUCCESS, first)


def test_a_command_that_fails_says_its_exit_status(bench: Bench) -> None:
    bench.commit("echo it does not compile; exit 3")
    order = bench.order()
    seen = bench.build(order)
    assert (seen.status, str(seen.says)) == (FAILED, "Its command ended with exit status 3.")
    assert "it does not compile\n" in bench.log(order, seen)


def test_a_command_that_is_not_there_is_named(bench: Bench) -> None:
    bench.commit("")
    order = bench.order(command=("./make.sh", "all"))
    seen = bench.build(order)
    assert seen.status is FAILED
    assert "There is no command './make.sh'" in bench.log(order, seen)


def test_the_words_of_a_command_are_no_shell_s(bench: Bench) -> None:
    bench.commit('printf "<%s>" "$@"; mkdir dist; : >dist/shop.tar.gz')
    order = bench.order(command=("./build.sh", "$(touch x)", "a b", "*", "`id`"))
    seen = bench.build(order)
    assert "<$(touch x)><a b><*><`id`>" in bench.log(order, seen)


def test_a_build_is_found_again_by_its_correlation(bench: Bench) -> None:
    bench.commit(MAKES_PACKAGE)
    order = bench.order()
    assert bench.server.find(order) is None
    build_id = bench.start(order)
    found = bench.server.find(order)
    assert found is not None
    assert (found.id, found.correlation) == (build_id, "b-1")


def test_started_twice_it_runs_once(bench: Bench) -> None:
    runs = bench.place().home / "runs"
    bench.commit(f"echo run >>$HOME/runs; {MAKES_PACKAGE}")
    order = bench.order()
    ids = {bench.start(order) for _ in range(3)}
    assert len(ids) == 1
    assert bench.await_end(order, ids.pop()).status is SUCCESS
    bench.start(order)
    assert runs.read_text() == "run\n"


def test_two_starters_at_once_start_one_build(bench: Bench) -> None:
    runs = bench.place().home / "runs"
    bench.commit("echo run >>$HOME/runs")
    starters = [subprocess.Popen(starter(bench), stdout=subprocess.PIPE) for _ in range(4)]
    said = {process.communicate()[0] for process in starters}
    assert len(said) == 1
    order = bench.order()
    assert bench.await_end(order, said.pop().decode().strip()).status is SUCCESS
    assert runs.read_text() == "run\n"


def test_a_build_outlives_the_process_that_started_it(bench: Bench) -> None:
    go = bench.place().source / "go"
    bench.commit(f"while ! [ -e go ]; do sleep 0.05; done; {MAKES_PACKAGE}")
    died = subprocess.run(starter(bench, dies=True), stdout=subprocess.PIPE, check=False)
    assert died.returncode == -9
    build_id, order = died.stdout.decode().strip(), bench.order()
    bench.server = CommandServer(bench.builds)
    assert bench.server.look(order, build_id).status is SeenStatus.RUNNING
    go.touch()
    seen = bench.await_end(order, build_id)
    assert seen.status is SUCCESS
    assert bench.package(order, seen)[0] == "shop.tar.gz"


def test_a_build_on_another_machine_is_gone_for_us_and_the_machine_is_named(bench: Bench) -> None:
    order = bench.order()
    with pytest.raises(BuildGone, match="ran on web-9-0badcafe"):
        bench.server.look(order, "web-9-0badcafe/b-1")
    with pytest.raises(ServerTrouble, match="only a worker there can end it"):
        bench.server.cancel(order, "web-9-0badcafe/b-1")


def test_what_never_was_here_is_gone_and_its_cancelling_is_fine(bench: Bench) -> None:
    bench.commit(MAKES_PACKAGE)
    order = bench.order()
    seen = bench.build(order)
    other = seen.id.replace("b-1", "b-2")
    for ask in (bench.server.look, lambda o, i: bench.server.log(o, i, "")):
        with pytest.raises(BuildGone, match="folder of build b-2 is not on"):
            ask(order, other)
    bench.server.cancel(order, other)
    bench.server.cancel(order, seen.id)
    assert bench.server.look(order, seen.id).status is SUCCESS


@pytest.mark.parametrize("correlation", ["../b", "", ".b", "a/b", "a\0b", "-x"])
def test_a_folder_is_never_made_from_an_odd_name(bench: Bench, correlation: str) -> None:
    with pytest.raises(ServerRefused, match="cannot be the name of a build's folder"):
        bench.server.start(bench.order(correlation=correlation))
    assert not bench.builds.exists()


def test_cancelling_ends_a_build_and_all_that_it_has_started(bench: Bench) -> None:
    bench.commit("setsid sleep 600 & echo $! >pid; wait")
    order = bench.order()
    build_id = bench.start(order)
    pid = pid_inside(int(bench.await_file(bench.place().source / "pid")))
    bench.server.cancel(order, build_id)
    seen = bench.await_end(order, build_id)
    assert (seen.status, str(seen.says)) == (CANCELLED, "It was cancelled.")
    assert not is_alive(pid)


def test_the_log_comes_while_the_build_runs_and_in_pieces(bench: Bench) -> None:
    go = bench.place().source / "go"
    bench.commit(
        "printf 'caf\\303'; touch half; while ! [ -e go ]; do sleep 0.05; done;"
        " printf '\\251\\0 \\377\\n'; head -c 700000 /dev/zero | tr '\\0' x"
    )
    order = bench.order()
    build_id = bench.start(order)
    until(lambda: "caf" in bench.server.log(order, build_id, "").text)
    first = bench.server.log(order, build_id, "")
    assert first.text.endswith("caf")  # half a letter is left for later
    go.touch()
    bench.await_end(order, build_id)
    pieces, position = [], first.position
    while (piece := bench.server.log(order, build_id, position)).text:
        pieces.append(piece.text)
        position = piece.position
    assert "".join(pieces).startswith("é �\nxxx")
    assert "".join(pieces).count("x") >= 700_000
    assert max(map(len, pieces)) <= 256 * 1024
    assert len(pieces) == 3


def test_a_very_long_log_keeps_its_beginning_and_its_end(bench: Bench) -> None:
    bench.commit("echo begins; yes 0123456789abcde | head -c 20000000; echo; echo ends; exit 1")
    order = bench.order()
    seen = bench.build(order)
    text = bench.log(order, seen)
    assert "begins\n" in text
    assert text.endswith("ends\n[slipway] Its command ended with exit status 1.\n")
    assert "bytes left out …" in text
    assert len(text) < 17 * 1024**2


def test_without_a_command_nothing_is_started(bench: Bench) -> None:
    with pytest.raises(ServerRefused, match="has no build command"):
        bench.server.start(bench.order(command=()))


def test_a_worker_with_a_narrow_umask_builds_as_well(bench: Bench) -> None:
    before = os.umask(0o077)
    try:
        bench.commit(MAKES_PACKAGE)
        order = bench.order()
        assert bench.build(order).status is SUCCESS
    finally:
        os.umask(before)
    assert (bench.builds.stat().st_mode & 0o777) == 0o711


def test_the_commits_between_two_versions_are_told(bench: Bench) -> None:
    ids = [bench.commit(f"echo {number}") for number in range(104)]
    told = bench.server.compare(bench.order(), ids[0], ids[3])
    assert [commit.id for commit in told.commits] == [ids[3], ids[2], ids[1]]
    assert (told.commits[0].title, told.commits[0].author) == ("Change 3", "Alice")
    assert told.commits[0].at is not None
    assert told.commits[0].at.tzinfo is UTC
    many = bench.server.compare(bench.order(), ids[0], ids[-1])
    assert (len(many.commits), many.total) == (100, 103)
    with pytest.raises(ServerRefused, match="does not know the commit"):
        bench.server.compare(bench.order(), ids[0], "0" * 40)


def test_nobody_else_builds_here(bench: Bench) -> None:
    assert bench.server.list_recent(bench.order(), datetime.now(UTC) - DAY) == ()


def test_a_test_of_the_server_says_what_works(bench: Bench) -> None:
    commit = bench.commit(MAKES_PACKAGE)
    told = bench.server.test(bench.access, bench.repository.url)
    assert all(finding.works for finding in told[:2] + told[3:])
    assert [finding for finding in told if f"its HEAD is {commit[:12]}" in finding.what]
    assert "GiB free" in told[2].what
    told = bench.server.test(bench.access, bench.repository.url + "-not")
    assert not told[-1].works
    assert told[-1].hint


def test_a_build_whose_order_cannot_be_read_does_not_begin(bench: Bench) -> None:
    """Its starter died while it handed the order over: nothing has begun, and another start may."""
    bench.commit(MAKES_PACKAGE)
    bench.place().folder.mkdir(parents=True)
    half = subprocess.run(
        [
            sys.executable,
            "-m",
            "slipway.adapters.builds.command.running.runner",
            str(bench.place().folder),
        ],
        input=b'{"repository": {',
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert half.returncode != 0
    order = bench.order()
    assert bench.server.find(order) is None
    assert bench.build(order).status is SUCCESS

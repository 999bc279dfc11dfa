"""Builds by command where the worker has no rights, and where nothing can be kept apart."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from slipway.adapters.builds.command.enclosure.enclosure import Enclosure
from slipway.adapters.builds.command.enclosure.isolation import Isolation, NotIsolated
from slipway.adapters.builds.command.processes.tree import renounce_rights
from slipway.adapters.builds.command.processes.users import BuildUser, ourselves
from slipway.adapters.builds.command.server import CommandServer
from slipway.ports.builds import ServerRefused
from tests.adapters.builds.command.bench import SUCCESS, Bench, a_bench
from tests.security.conftest import AS_ROOT

pytestmark = pytest.mark.once

ENDS_WELL = "mkdir -p dist; : >dist/shop.tar.gz"


@pytest.fixture
def bench() -> Iterator[Bench]:
    with a_bench() as made:
        yield made


class Nowhere(Isolation):
    """Of a machine that lets nobody make namespaces."""

    def why_not(self) -> str:
        return "unshare: Operation not permitted"


def nowhere(*open_to: str) -> Isolation:
    return Nowhere(open_to=frozenset(open_to))


def test_a_build_that_cannot_be_kept_apart_is_refused(bench: Bench) -> None:
    bench.commit(ENDS_WELL)
    bench.server = CommandServer(bench.builds, nowhere("billing"))
    with pytest.raises(ServerRefused, match="shop is not built here: its command could") as no:
        bench.server.start(bench.order())
    assert "SLIPWAY_UNISOLATED_BUILDS=shop" in no.value.hint
    assert not bench.builds.exists()
    found = {each.said.code: each for each in bench.server.test(bench.access)}
    assert "those of billing see what any user of this" in found["unisolated"].what
    assert not found["unisolated"].works


def test_the_test_says_that_none_is_built(bench: Bench) -> None:
    bench.server = CommandServer(bench.builds, nowhere())
    found = {each.said.code: each for each in bench.server.test(bench.access)}
    assert not found["not_isolated"].works
    assert "unshare: Operation not permitted" in found["not_isolated"].what


@pytest.mark.parametrize("named", ["shop", "*"])
def test_a_service_that_is_named_is_built_all_the_same_and_says_so(
    bench: Bench, named: str
) -> None:
    bench.server = CommandServer(bench.builds, nowhere(named))
    bench.commit(ENDS_WELL)
    order = bench.order()
    seen = bench.build(order)
    assert seen.status is SUCCESS
    log = bench.log(order, seen)
    assert "NOT isolated (SLIPWAY_UNISOLATED_BUILDS)" in log
    with pytest.raises(NotIsolated, match="without a network"):
        bench.server.start(replace(bench.order(correlation="b-2"), network=False))


@AS_ROOT
def test_a_worker_without_rights_builds_as_nobody_who_sees_none_of_its_files(
    bench: Bench,
) -> None:
    folder = bench.folder / "worker"
    for name in ("source", "home", "tmp", "data"):
        (folder / name).mkdir(parents=True)
    (folder / "data" / "keys").write_text("the-secret\n")
    worker = BuildUser(60_990, 60_990)
    for path in (folder, *folder.iterdir(), folder / "data" / "keys"):
        worker.owns(path)
    script = (
        f"id -un; id -u; cat {folder}/data/keys; ls {bench.folder}; ls /proc | grep -c '^[0-9]'"
        "; grep CapEff /proc/self/status"
    )

    def work() -> NoReturn:
        os.chdir("/build/source")
        renounce_rights()
        os.execv("/bin/sh", ["sh", "-c", script])

    status, output = _in_a_child(lambda: _as_worker(worker, folder, work))
    assert "the-secret" not in output
    lines = output.splitlines()
    assert lines[:2] == ["nobody", "65534"]
    assert int(next(line for line in lines if line.isdecimal() and line != "65534")) <= 5
    assert "CapEff:\t0000000000000000" in lines
    assert status == 0


def _as_worker(worker: BuildUser, folder: Path, work: Callable[[], NoReturn]) -> NoReturn:
    parent = os.getppid()
    worker.become()
    assert ourselves() == worker
    Enclosure(
        source=str(folder / "source"),
        home=str(folder / "home"),
        scratch=str(folder / "tmp"),
        readable=(),
        hidden=(str(folder / "data"),),
        network=False,
        user=worker,
    ).run(work, parent)


def _in_a_child(work: Callable[[], NoReturn]) -> tuple[int, str]:
    """Have it done by a process of its own; returns how it ended and what it printed."""
    heard, speak = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.dup2(speak, 1)
            os.dup2(speak, 2)
            work()
        except BaseException as error:
            os.write(2, repr(error).encode())
        finally:
            os._exit(99)
    os.close(speak)
    with os.fdopen(heard) as file:
        output = file.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), output

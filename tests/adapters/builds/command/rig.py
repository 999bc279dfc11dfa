"""A build by command under the contract: its command does what it finds in a folder, in turn."""

import itertools
import shlex
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from slipway.adapters.builds.command.enclosure.isolation import Isolation
from slipway.adapters.builds.command.places import Workshop
from slipway.adapters.builds.command.server import CommandServer
from slipway.core.builds.orders import BuildOrder
from slipway.core.builds.package_source import PackageSource
from slipway.ports.builds import BuildServer, StartUnsure
from tests.adapters.builds.command.bench import Bench, a_bench, turns_in, until

FILE = "billing.tar.gz"
FOLLOWS = """
n=1
touch begun
while :; do
    if [ -e "$TURNS/$n" ]; then . "$TURNS/$n"; n=$((n + 1)); else sleep 0.02; fi
done
"""


class _Server(CommandServer):
    """Its answers may be lost: the worker that has asked hears nothing of it."""

    loses_next = False

    def start(self, order: BuildOrder) -> str:
        build_id = super().start(order)
        if self.loses_next:
            self.loses_next = False
            raise StartUnsure("No answer came.")
        return build_id


class CommandRig:
    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._command = _Server(bench.builds, Isolation(readable=(str(turns_in(bench.folder)),)))
        self.server: BuildServer = self._command
        self.commit = bench.commit(FOLLOWS)
        self._numbers = itertools.count(1)
        self._orders: dict[str, BuildOrder] = {}
        self._turns: dict[str, Iterator[int]] = {}

    def order(self) -> BuildOrder:
        correlation = f"build-{next(self._numbers)}"
        turns = self._folder(correlation)
        turns.mkdir()
        order = self._bench.order(
            correlation=correlation,
            source=PackageSource(path=f"dist/{FILE}"),
            variables={"TURNS": str(turns)},
        )
        self._orders[correlation] = replace(order, service="billing")
        self._turns[correlation] = itertools.count(1)
        return self._orders[correlation]

    def run(self, build_id: str) -> None:
        until((self._bench.place(_correlation(build_id)).source / "begun").exists)

    def print(self, build_id: str, text: str) -> None:
        place = self._bench.place(_correlation(build_id))
        before = place.log.stat().st_size
        self._turn(build_id, f"printf %s {shlex.quote(text)}")
        until(lambda: place.log.stat().st_size == before + len(text.encode()))

    def succeed(self, build_id: str, package: bytes | None = None) -> None:
        made = "exit 0"
        if package is not None:
            given = turns_in(self._bench.folder) / f"{_correlation(build_id)}.package"
            given.write_bytes(package)
            made = f"mkdir dist; cp {given} dist/{FILE}; exit 0"
        self._turn(build_id, made)
        self._await_end(build_id)

    def fail(self, build_id: str) -> None:
        self._turn(build_id, "exit 1")
        self._await_end(build_id)

    def vanish(self, build_id: str) -> None:
        place = self._bench.place(_correlation(build_id))
        assert Workshop(self._bench.builds).forget(place)

    def lose_next_start(self) -> None:
        self._command.loses_next = True

    def outside(self) -> None:
        pytest.skip("nobody else has builds run on a worker")

    def outside_change(self) -> None:
        self.outside()

    def end_all(self) -> None:
        for order in self._orders.values():
            if found := self.server.find(order):
                self.server.cancel(order, found.id)

    def _turn(self, build_id: str, script: str) -> None:
        correlation = _correlation(build_id)
        number = next(self._turns[correlation])
        new = self._folder(correlation) / "new"
        new.write_text(script + "\n")
        new.rename(new.with_name(str(number)))

    def _await_end(self, build_id: str) -> None:
        order = self._orders[_correlation(build_id)]
        until(lambda: self.server.look(order, build_id).status.is_over)

    def _folder(self, correlation: str) -> Path:
        return turns_in(self._bench.folder) / f"{correlation}.turns"


def _correlation(build_id: str) -> str:
    return build_id.rpartition("/")[2]


@contextmanager
def _command() -> Iterator[CommandRig]:
    with a_bench() as bench:
        rig = CommandRig(bench)
        try:
            yield rig
        finally:
            rig.end_all()


COMMAND_RIGS: dict[str, Callable[[], AbstractContextManager[CommandRig]]] = {"command": _command}

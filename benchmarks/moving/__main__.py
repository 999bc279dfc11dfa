"""`python -m benchmarks.moving`: what an upgrade and a rollback of many hosts cost."""

import argparse
import json
import shutil
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean

from benchmarks.emulated.town import ENVIRONMENT, Town
from benchmarks.moving.package import SERVICE, make_package

BEFORE = "1.0"
AFTERWARDS = 1.0  # seconds in which hosts forget and rows are written, behind the command's end
ALL_AT_ONCE = ("--batches", "100%", "--max-unavailable", "100%")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the wall to the command's end, and CPU seconds; the worker's memory in MB."""

    seconds: float
    worker: float
    web: float
    command: float
    memory: float

    @property
    def cpu(self) -> float:
        return self.worker + self.web + self.command


def main() -> int:
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="fleet-"))
    try:
        with Town(folder, options.hosts, 0, options.database) as town:
            _furnish(town, folder, options.hosts)
            town.spread(options.spread)
            costs = [
                _round(town, folder, options.hosts, f"1.{number}")
                for number in range(1, options.rounds + 1)
            ]
    finally:
        if options.keep:
            print(f"logs: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    for action, of_action in zip(("upgrade", "rollback"), zip(*costs, strict=True), strict=True):
        _tell(options, action, of_action)
    return 0


def _furnish(town: Town, folder: Path, hosts: int) -> None:
    """Bring the version before onto all hosts; their connections are open from then on."""
    town.say("service", "create", SERVICE, "--language", "go")
    _upload(town, folder, BEFORE)
    names = ",".join(f"web-{number}" for number in range(1, hosts + 1))
    town.say(*_operation("deploy", SERVICE, BEFORE, "--hosts", names, "--port", "8080"))
    _check(town, hosts, BEFORE)


def _round(town: Town, folder: Path, hosts: int, version: str) -> tuple[Cost, Cost]:
    """Upgrade to a version that was never there, and take it back."""
    _upload(town, folder, version)
    upgrade = _measure(town, "upgrade", SERVICE, version)
    _check(town, hosts, version)
    rollback = _measure(town, "rollback", SERVICE)
    _check(town, hosts, BEFORE)
    return upgrade, rollback


def _measure(town: Town, *words: str) -> Cost:
    before, began = town.cpu(), time.monotonic()
    command = town.say(*_operation(*words))
    seconds = time.monotonic() - began
    time.sleep(AFTERWARDS)
    after = town.cpu()
    spent = {name: after[name] - before[name] for name in after}
    return Cost(seconds, **spent, command=command, memory=town.memory())


def _operation(*words: str) -> tuple[str, ...]:
    return (*words, "--env", ENVIRONMENT, *ALL_AT_ONCE, "--wait")


def _upload(town: Town, folder: Path, version: str) -> None:
    package = make_package(folder, version)
    town.say("version", "upload", SERVICE, str(package), "--version", version)


def _check(town: Town, hosts: int, version: str) -> None:
    """Raises AssertionError when not all hosts have come to a version."""
    running = town.running(version)
    assert running == hosts, f"{running} of {hosts} instances run {version}"


def _tell(options: argparse.Namespace, action: str, costs: tuple[Cost, ...]) -> None:
    hosts = options.hosts
    print(f"{action} of {hosts} hosts, results spread over {options.spread:g} s:")
    rows = {"mean" if len(costs) > 1 else "": costs}
    if len(costs) > 1:
        rows |= {"first": costs[:1], "last": costs[-1:]}
    for name, some in rows.items():
        mean = {key: fmean(asdict(one)[key] for one in some) for key in asdict(some[0])}
        cpu = mean["worker"] + mean["web"] + mean["command"]
        print(
            f"  {name:6}{mean['seconds']:7.2f} s, CPU: worker {mean['worker']:.2f} s,"
            f" web {mean['web']:.2f} s, command {mean['command']:.2f} s;"
            f" {1000 * cpu / hosts:.2f} ms a host; worker's memory {mean['memory']:.0f} MB"
        )
    if options.json is not None:
        found = {"action": action, "hosts": hosts, "spread": options.spread}
        with options.json.open("a") as lines:
            for number, cost in enumerate(costs, 1):
                lines.write(json.dumps({**found, "round": number, **asdict(cost)}) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/fleet", description=__doc__)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument(
        "--spread", type=float, default=30.0, help="seconds within which the hosts' results come"
    )
    parser.add_argument("--rounds", type=int, default=1, help="of an upgrade and a rollback each")
    parser.add_argument("--database", default="", help="postgresql://…; SQLite where none is given")
    parser.add_argument("--json", type=Path, help="also write what was measured to this file")
    parser.add_argument("--keep", action="store_true", help="keep the folder with all logs")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

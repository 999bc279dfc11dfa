"""`python -m benchmarks upgrade|rollback|both`: one run, one table for each number of hosts."""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.contenders.ansible import Ansible
from benchmarks.contenders.contender import Contender
from benchmarks.contenders.pyinfra import Pyinfra
from benchmarks.contenders.slipway import Slipway
from benchmarks.farm import Farm
from benchmarks.measure import Cost, measure
from benchmarks.package import Package, fetch_binary, make_package
from benchmarks.table import table
from benchmarks.truth import Expected, check

ACTIONS = {"upgrade": ("upgrade",), "rollback": ("rollback",), "both": ("upgrade", "rollback")}
ALONE = "SLIPWAY_BENCHMARK_ALONE"

Make = Callable[[Farm, Path, Path], Contender]
CONTENDERS: dict[str, Make] = {
    "slipway": lambda farm, folder, tools: Slipway(farm, folder),
    "pyinfra": Pyinfra,
    "ansible": lambda farm, folder, tools: Ansible(farm, folder, tools, tuned=True),
    "ansible-stock": lambda farm, folder, tools: Ansible(farm, folder, tools, tuned=False),
}


def main() -> int:
    options = _options()
    binary = options.binary or fetch_binary(options.cache)
    _go_alone()
    folder = Path(tempfile.mkdtemp(prefix="bench-"))  # short: ssh puts sockets into it
    print(f"{os.cpu_count()} CPUs, shared by the controller and all hosts.", file=sys.stderr)
    try:
        old, new = (make_package(folder, version, binary) for version in ("1.0", "1.1"))
        size = new.path.stat().st_size / 1e6
        print(f"package: {new.path.name}, {size:.1f} MB packed", file=sys.stderr)
        for count in options.hosts:
            _compare(options, folder / str(count), count, (old, new))
    finally:
        if options.keep:
            print(f"logs: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("action", choices=ACTIONS)
    parser.add_argument("--hosts", type=_numbers, default=(10, 50), help="10,50")
    parser.add_argument(
        "--only", type=_names, default=tuple(CONTENDERS), help=", ".join(CONTENDERS)
    )
    parser.add_argument("--rounds", type=int, default=1, help="the median of so many is shown")
    parser.add_argument("--binary", type=Path, help="a program instead of Debian's")
    parser.add_argument("--cache", type=Path, default=Path(".cache/benchmarks"))
    parser.add_argument("--tools", type=Path, default=Path(sys.executable).parent)
    parser.add_argument("--json", type=Path, help="also write what was measured to this file")
    parser.add_argument("--keep", action="store_true", help="keep the folder with all logs")
    return parser.parse_args()


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := set(names) - set(CONTENDERS):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
    return names


def _go_alone() -> None:
    """Start again in namespaces of our own: only our bytes are on the loopback interface there, and
    the shell that is process 1 collects dead processes at once, as a host's init does."""
    if os.environ.get(ALONE):
        return
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        print("not alone: bytes moved include those of other programs", file=sys.stderr)
        return
    inside = 'ip link set lo up || exit; "$@"; code=$?; exit "$code"'
    command = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command += ["sh", "-c", inside, "sh", sys.executable, "-m", "benchmarks", *sys.argv[1:]]
    os.execvpe(command[0], command, {**os.environ, ALONE: "1"})


def _compare(
    options: argparse.Namespace, folder: Path, count: int, packages: tuple[Package, Package]
) -> None:
    rounds: dict[str, dict[str, list[Cost]]] = {action: {} for action in ACTIONS[options.action]}
    notes: list[str] = []
    with Farm(folder / "farm", count) as farm:
        for number in range(options.rounds):
            for name in options.only:
                print(f"{count} hosts, {name} …", file=sys.stderr, flush=True)
                place = folder / f"{name[:3]}{len(name)}-{number}"
                contender = CONTENDERS[name](farm, place, options.tools)
                for action, cost in _run(contender, farm, packages).items():
                    if action in rounds:
                        rounds[action].setdefault(contender.name, []).append(cost)
                notes = notes or contender.notes
    for action, found in rounds.items():
        costs = {name: _median(measured) for name, measured in found.items()}
        print(f"\n{table(f'{action}, {count} hosts', costs, against='slipway')}", flush=True)
        _keep(options.json, {"action": action, "hosts": count}, costs)
    print("\n".join(notes))


def _run(contender: Contender, farm: Farm, packages: tuple[Package, Package]) -> dict[str, Cost]:
    old, new = packages

    def all_run(package: Package) -> None:
        check(Expected(host.name, contender.current(host), package) for host in farm.hosts)

    try:
        contender.prepare(old, new)
        all_run(old)
        upgrade = measure(contender.upgrade, also=contender.also)
        all_run(new)
        rollback = measure(contender.roll_back, also=contender.also)
        all_run(old)
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"{contender.name} failed, see --keep: {error}") from error
    finally:
        contender.close()
    return {"upgrade": upgrade, "rollback": rollback}


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        seconds=statistics.median(cost.seconds for cost in costs),
        cpu=statistics.median(cost.cpu for cost in costs),
        hosts_cpu=statistics.median(cost.hosts_cpu for cost in costs),
        moved=round(statistics.median(cost.moved for cost in costs)),
    )


def _keep(path: Path | None, what: dict[str, object], costs: dict[str, Cost]) -> None:
    if path is not None:
        with path.open("a") as lines:
            measured = {name: asdict(cost) for name, cost in costs.items()}
            lines.write(json.dumps({**what, "costs": measured}) + "\n")


if __name__ == "__main__":
    sys.exit(main())

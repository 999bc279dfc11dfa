"""`python -m benchmarks.resting`: what worker and web cost while nothing happens."""

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.emulated.town import Town

SETTLES_WITHIN = 600.0  # seconds until every host was seen


def main() -> int:
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="idle-"))
    try:
        with Town(folder, options.hosts, options.services, options.database, running="1.0") as town:
            _until_all_seen(town, options.hosts)
            time.sleep(options.settle)
            before, began = town.cpu(), time.monotonic()
            time.sleep(60 * options.minutes)
            after, seconds = town.cpu(), time.monotonic() - began
            well, oldest = town.seen()
            shares = {name: 100 * (after[name] - before[name]) / seconds for name in after}
            memory = town.memory()
    finally:
        if options.keep:
            print(f"logs: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    _tell(options, seconds, shares, memory, (well, oldest))
    return 0 if well == options.hosts else 1


def _tell(
    options: argparse.Namespace,
    seconds: float,
    shares: dict[str, float],
    memory: float,
    seen: tuple[int, float],
) -> None:
    well, oldest = seen
    instances = options.hosts * options.services
    print(f"{options.hosts} hosts, {instances} instances, {seconds:.0f} s:")
    for name, share in shares.items():
        print(f"  {name:7} {share:.2f} % of a core")
    print(
        f"  worker's memory {memory:.0f} MB; {well} hosts seen well, oldest look {oldest:.0f} s ago"
    )
    if options.json is not None:
        found = {"hosts": options.hosts, "instances": instances, "seconds": seconds, **shares}
        with options.json.open("a") as lines:
            lines.write(json.dumps({**found, "memory": memory, "well": well}) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/idle", description=__doc__)
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--services", type=int, default=3, help="instances on each host")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long it is measured")
    parser.add_argument("--settle", type=float, default=90.0, help="seconds before that")
    parser.add_argument("--database", default="", help="postgresql://…; SQLite where none is given")
    parser.add_argument("--json", type=Path, help="also write what was measured to this file")
    parser.add_argument("--keep", action="store_true", help="keep the folder with all logs")
    return parser.parse_args()


def _until_all_seen(town: Town, hosts: int) -> None:
    """Raises TimeoutError when some host is never seen."""
    deadline = time.monotonic() + SETTLES_WITHIN
    while (well := town.seen()[0]) < hosts:
        if time.monotonic() > deadline:
            raise TimeoutError(f"only {well} of {hosts} hosts were seen")
        time.sleep(5)


if __name__ == "__main__":
    sys.exit(main())

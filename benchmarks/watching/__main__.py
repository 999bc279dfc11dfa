"""`python -m benchmarks.watching`: how soon many viewers of one board see a line."""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.filled.installation import Installation
from benchmarks.filled.size import Size
from benchmarks.table import told

_CROWDS = 2  # processes that the viewers are in
_SETTLED = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Measured:
    """`p50`, `p95`, `longest`: milliseconds from before a line was written until a viewer had it;
    `cpu`: milliseconds of the web process for each line; `each`: bytes of it for each viewer."""

    p50: float
    p95: float
    longest: float
    cpu: float
    each: float
    missed: int
    lost: int


def main() -> int:
    options = _options()
    # As many hosts as the board has places, and few other rows.
    size = Size(services=5, hosts=1700, versions=10, rollouts=60, people=options.people)
    folder = Path(tempfile.mkdtemp(prefix="viewers-"))
    began = time.monotonic()
    try:
        with Installation(folder, size, options.database) as there:
            print(f"filled in {time.monotonic() - began:.0f} s: {there.filled}", flush=True)
            measured = _measure(there, options)
    finally:
        if options.keep:
            print(f"data and logs: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    _tell(measured, options)
    is_well = measured.p95 <= options.aim and measured.each <= 1000 * options.memory
    return 0 if is_well and not measured.missed and not measured.lost else 1


def _measure(there: Installation, options: argparse.Namespace) -> Measured:
    cookies = there.ask("sessions", str(options.people))
    board = there.ask("board")[0]
    events = f"/rollouts/{board}/events?after="
    # What is loaded once, whoever comes.
    with _crowd(there, events + there.ask("write", board, "1", "0")[0], 20, cookies) as first:
        revision = there.ask("write", board, "3", "1")[0]
        _end(first)
    time.sleep(_SETTLED)
    path = events + revision
    before, share = there.memory, options.viewers // _CROWDS
    with _crowd(there, path, share, cookies) as one, _crowd(there, path, share, cookies) as other:
        time.sleep(_SETTLED)
        opened, cpu = there.memory, there.cpu
        there.ask("write", board, str(options.lines), str(options.pause))
        time.sleep(_SETTLED)
        cpu, opened = there.cpu - cpu, max(opened, there.memory)
        told = [_end(crowd) for crowd in (one, other)]
    seen = [each for of, _lost in told for each in of]
    cuts = statistics.quantiles(seen, n=20, method="inclusive")
    return Measured(
        cuts[9],
        cuts[-1],
        max(seen),
        1000 * cpu / options.lines,
        (opened - before) / (_CROWDS * share),
        options.lines * _CROWDS * share - len(seen),
        sum(lost for _of, lost in told),
    )


@contextmanager
def _crowd(
    there: Installation, path: str, count: int, cookies: list[str]
) -> Iterator["subprocess.Popen[str]"]:
    """Have viewers in a process of their own. Raises ConnectionError where not all may watch."""
    crowd = there.start("benchmarks.watching.crowd", str(there.port), path, str(count))
    try:
        assert crowd.stdin is not None
        assert crowd.stdout is not None
        print(*cookies, "", sep="\n", file=crowd.stdin, flush=True)
        if crowd.stdout.readline().strip() != "ready":
            raise ConnectionError("not all of them may watch")
        yield crowd
    finally:
        crowd.kill()
        crowd.wait(timeout=30)


def _end(crowd: "subprocess.Popen[str]") -> tuple[list[float], int]:
    """Return after how many milliseconds each line was seen by each, and how many were lost."""
    said = json.loads(crowd.communicate("end\n", timeout=60)[0])
    return said["seen"], said["lost"]


def _tell(measured: Measured, options: argparse.Namespace) -> None:
    heads = ("", "measured", "aim", "measured : aim")
    figures = (
        ("p95 until a line is seen, ms", measured.p95, options.aim),
        ("memory of a viewer, kB", measured.each / 1000, options.memory),
    )
    rows = [
        (name, f"{found:.1f}", f"{aim:g}", f"{found / aim:.2f}") for name, found, aim in figures
    ]
    print(told(f"{options.viewers} viewers, {options.lines} lines", [heads, *rows]))
    print(
        f"median {measured.p50:.0f} ms, longest {measured.longest:.0f} ms; the web process used "
        f"{measured.cpu:.0f} ms of CPU for each line; {measured.missed} lines were not seen, "
        f"{measured.lost} viewers lost"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/viewers", description=__doc__)
    parser.add_argument("--viewers", type=int, default=2000)
    parser.add_argument("--people", type=int, default=500, help="who they are; each has a session")
    parser.add_argument("--lines", type=int, default=60)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds from one to the next")
    parser.add_argument("--aim", type=float, default=150.0, help="milliseconds of the p95")
    parser.add_argument("--memory", type=float, default=100.0, help="kB of a viewer")
    parser.add_argument("--database", default="", help="postgresql://…; SQLite where none is given")
    parser.add_argument("--keep", action="store_true", help="keep the folder with data and logs")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

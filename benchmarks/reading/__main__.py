"""`python -m benchmarks.reading`: how long pages take where there is a lot."""

import argparse
import http.client
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.filled.installation import Installation
from benchmarks.filled.size import Size
from benchmarks.reading.pages import pages_of
from benchmarks.table import told

_WARMING = 3  # rounds before those that count


@dataclass(frozen=True, slots=True)
class Measured:
    """What a page took: milliseconds until all of it had come, those of the server's CPU, how many
    statements its database was asked, and how long it is."""

    name: str
    median: float
    p95: float
    cpu: float
    queries: int
    kilobytes: float


def main() -> int:
    options = _options()
    size = Size(**json.loads(options.size))
    folder = Path(tempfile.mkdtemp(prefix="pages-"))
    began = time.monotonic()
    try:
        with Installation(folder, size, options.database) as there:
            filled = time.monotonic() - began
            print(f"filled in {filled:.0f} s: {there.filled}", flush=True)
            measured = list(_measured(there, size, options))
    finally:
        if options.keep:
            print(f"data and logs: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    _tell(measured, options)
    return 0 if all(each.p95 <= options.aim for each in measured) else 1


def _measured(there: Installation, size: Size, options: argparse.Namespace) -> Iterator[Measured]:
    [session] = there.ask("sessions", "1")
    pages = pages_of(size, there.ask("board")[0])
    pages = {name: path for name, path in pages.items() if options.only in name}
    queries = [int(line) for line in there.ask("queries", *pages.values())]
    connection = http.client.HTTPConnection("127.0.0.1", there.port, timeout=60)
    for (name, path), asked in zip(pages.items(), queries, strict=True):
        for _ in range(_WARMING):
            _ask(connection, path, session)
        took, before = [], there.cpu
        for _ in range(options.rounds):
            seconds, length = _ask(connection, path, session)
            took.append(1000 * seconds)
        cpu = 1000 * (there.cpu - before) / options.rounds
        p95 = statistics.quantiles(took, n=20, method="inclusive")[-1]
        yield Measured(name, statistics.median(took), p95, cpu, asked, length / 1000)


def _ask(connection: http.client.HTTPConnection, path: str, session: str) -> tuple[float, int]:
    """Return the seconds until all of a page was there, and its length. Raises LookupError for
    another answer than the page."""
    headers = {"Cookie": f"sessionid={session}"}
    while True:
        began = time.monotonic()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        length = len(answer.read())
        took = time.monotonic() - began
        if answer.status == 200:
            return took, length
        if answer.status != 429:
            raise LookupError(f"{path} is answered by {answer.status}")
        time.sleep(float(answer.headers["Retry-After"]))  # faster than any person


def _tell(measured: list[Measured], options: argparse.Namespace) -> None:
    heads = ("", "median ms", "p95 ms", "CPU ms", "queries", "kB", "p95 : aim")
    rows = [
        (
            each.name,
            *(f"{figure:.1f}" for figure in (each.median, each.p95, each.cpu)),
            str(each.queries),
            f"{each.kilobytes:.0f}",
            f"{each.p95 / options.aim:.2f}",
        )
        for each in measured
    ]
    print(told(f"{options.rounds} rounds, aim {options.aim:g} ms", [heads, *rows]))
    if options.json is not None:
        with options.json.open("a") as lines:
            lines.writelines(json.dumps(asdict(each)) + "\n" for each in measured)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/pages", description=__doc__)
    parser.add_argument("--rounds", type=int, default=60, help="how often each page is asked for")
    parser.add_argument("--only", default="", help="pages with that in their name")
    parser.add_argument("--aim", type=float, default=100.0, help="milliseconds of the p95")
    parser.add_argument("--size", default="{}", help='as JSON: {"services": 30, "hosts": 200}')
    parser.add_argument("--database", default="", help="postgresql://…; SQLite where none is given")
    parser.add_argument("--json", type=Path, help="also write what was measured to this file")
    parser.add_argument("--keep", action="store_true", help="keep the folder with data and logs")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

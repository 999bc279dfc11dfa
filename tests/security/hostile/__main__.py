"""`python -m tests.security.hostile`: hostile requests at a real server, and how it answered."""

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.installation import Installation
from tests.security.hostile.fire import fire


def main() -> int:
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="hostile-"))
    installation = Installation(folder / "slipway", first_start=True)
    try:
        installation.start()
        fired = fire(installation, options.requests, random.Random(options.seed))
        log = installation.log()
    finally:
        installation.stop()
        if options.keep:
            print(f"logs: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{sum(fired.answers.values())} requests at {len(fired.addresses)} addresses:")
    for status, count in sorted(fired.answers.items()):
        print(f"  {status or 'hung up'}: {count}")
    for broken in fired.broken:
        print(f"BROKEN: {broken}")
    if fired.broken:
        print(log)
    return 1 if fired.broken else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/hostile", description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="keep the folder with all logs")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

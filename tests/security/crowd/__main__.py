"""`python -m tests.security.crowd`: what two hundred strangers cost, as a table."""

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from tests.installation import Installation
from tests.security.crowd.kinds import KINDS
from tests.security.crowd.siege import STRANGERS, Siege, besiege

MOST_MEMORY, MOST_DISK, LONGEST_WAIT = 150.0, 64.0, 1.0  # MB, MB, seconds


def main() -> int:
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="strangers-"))
    installation = Installation(folder / "slipway", first_start=True)
    try:
        installation.start()
        siege = besiege(installation, options.seconds, options.strangers, *options.only)
    finally:
        installation.stop()
        if options.keep:
            print(f"logs: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    _tell(options, siege)
    held = siege.memory < MOST_MEMORY and siege.disk < MOST_DISK
    return 0 if held and max(siege.waits) < LONGEST_WAIT else 1


def _tell(options: argparse.Namespace, siege: Siege) -> None:
    print(f"{options.strangers} strangers for {options.seconds:g} s:")
    print(f"  memory of all processes  +{siege.memory:.0f} MB (less than {MOST_MEMORY:.0f})")
    print(f"  disk                     +{siege.disk:.1f} MB (less than {MOST_DISK:.0f})")
    print(
        f"  Alice's {len(siege.waits)} pages: median {statistics.median(siege.waits):.3f} s, "
        f"longest {max(siege.waits):.3f} s (less than {LONGEST_WAIT:g})"
    )
    for what, count in sorted(siege.answers.items()):
        print(f"  {what}: {count}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/strangers", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--strangers", type=int, default=STRANGERS)
    parser.add_argument("--only", action="append", default=[], choices=KINDS, help="of this kind")
    parser.add_argument("--keep", action="store_true", help="keep the folder with all logs")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

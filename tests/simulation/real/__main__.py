"""`bin/simulate --real`: histories of the real controller and records, judged."""

import sys
import time

from tests.simulation.real.database import make_database

make_database()
import logging
import traceback

import structlog

from tests.simulation.invariants import Broken
from tests.simulation.real.history import live
from tests.simulation.scenario import scenario

structlog.configure(
    wrapper_class=structlog.make_filtering_bound_logger(
        logging.ERROR if len(sys.argv) < 4 else logging.WARNING
    )
)


def main():
    first, count = int(sys.argv[1]), int(sys.argv[2])
    telling = count == 1
    for seed in range(first, first + count):
        t = time.process_time()
        kept = []
        word = "ok"
        try:
            live(scenario(seed), telling=telling, kept=kept)
        except Broken as b:
            word = f"BROKEN {b}"
        except Exception as e:
            if telling:
                traceback.print_exc()
            word = f"ERROR {type(e).__name__} {e}"
        if telling:
            print("\n".join(kept[0].mirror.story if kept else []))
        print(seed, word, f"{time.process_time() - t:.2f}s", flush=True)


main()

"""What `bin/simulate` does."""

import argparse
import time

from tests.simulation.history import live
from tests.simulation.invariants import Broken
from tests.simulation.scenario import scenario


def main(given):
    p = argparse.ArgumentParser()
    p.add_argument("--seeds", type=int, default=1000)
    p.add_argument("--first", type=int, default=0)
    p.add_argument("--one", type=int)
    o = p.parse_args(given)
    if o.one is not None:
        kept = []
        try:
            live(scenario(o.one), telling=True, kept=kept)
        except Broken as b:
            print("\n".join(kept[0].story))
            print("BROKEN", b)
            return 1
        except Exception:
            print("\n".join(kept[0].story))
            raise
        print("\n".join(kept[0].story))
        return 0
    import signal

    signal.signal(signal.SIGALRM, lambda *a: (_ for _ in ()).throw(TimeoutError()))
    began = time.process_time()
    found = {}
    for seed in range(o.first, o.first + o.seeds):
        try:
            signal.alarm(10)
            live(scenario(seed))
        except Broken as b:
            found.setdefault(b.name, []).append((seed, str(b)))
        except Exception as e:
            import traceback

            tb = traceback.extract_tb(e.__traceback__)[-1]
            found.setdefault(
                f"crash {type(e).__name__} {e} {tb.filename.split('/')[-1]}:{tb.lineno}"[:150], []
            ).append((seed, ""))
    took = time.process_time() - began
    for name, seeds in sorted(found.items(), key=lambda x: -len(x[1])):
        print(
            f"{len(seeds):6}  {name} | {seeds[0][1][len(name) : 100]}   {[s for s, _ in seeds[:6]]}"
        )
    print(
        f"{o.seeds} histories in {took:.1f} s: {o.seeds / took:.0f}/s, {sum(map(len, found.values()))} broken"
    )
    return bool(found)

"""`python -m tests.security.crowd.strangers PORT SECONDS COUNT [KIND…]`: be so many strangers for
so long, and say as JSON what they were answered."""

import asyncio
import contextlib
import json
import sys
from collections import Counter
from itertools import cycle, islice

from tests.security.crowd.kinds import KINDS, Kind

AGAIN_AFTER = 0.05  # seconds: who is sent away comes back at once


async def be_a_stranger(
    number: int, port: int, name: str, kind: Kind, answers: Counter[str]
) -> None:
    """Come back for ever."""
    address = f"127.7.{number // 250}.{number % 250 + 1}"
    while True:
        try:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", port, local_addr=(address, 0)
            )
        except OSError:
            answers[f"{name}: no connection"] += 1
            await asyncio.sleep(AGAIN_AFTER)
            continue
        try:
            answers[f"{name}: {await kind(reader, writer) or 'hung up'}"] += 1
        except (OSError, asyncio.IncompleteReadError):
            answers[f"{name}: hung up"] += 1
        finally:
            writer.transport.abort()
        await asyncio.sleep(AGAIN_AFTER)


async def crowd(port: int, seconds: float, count: int, kinds: list[str]) -> Counter[str]:
    """Return how often each kind was answered what."""
    answers: Counter[str] = Counter()
    named = {name: KINDS[name] for name in kinds or KINDS}
    chosen = list(islice(cycle(named.items()), count))
    tasks = [
        asyncio.ensure_future(be_a_stranger(number, port, *each, answers))
        for number, each in enumerate(chosen)
    ]
    print("here", flush=True)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.gather(*tasks)
    return answers


def main() -> int:
    port, seconds, count = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    print(json.dumps(asyncio.run(crowd(port, seconds, count, sys.argv[4:]))), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

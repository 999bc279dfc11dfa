"""A chunk of an answer that has begun, written by the server at once: past the task that sends the
answer, of which two thousand would have to wake up."""

from collections.abc import Callable

from slipway.interfaces.entrance.bodies import Scope

# Returns False where it cannot be now: then it is sent as any other, which waits.
SendNow = Callable[[bytes], bool]
AT_ONCE = "slipway.at_once"  # the server's extension (ASGI) that is a SendNow


def send_now_of(scope: Scope) -> SendNow:
    """Return how a chunk is sent at once; where the server does not offer it, it never can be."""
    offered: SendNow = (scope.get("extensions") or {}).get(AT_ONCE, _never)
    return offered


def _never(_chunk: bytes) -> bool:
    return False

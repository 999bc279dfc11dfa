"""How often Python looks for cycles in memory: with fifty hosts, a tenth of our CPU went there. And
how what was large goes back to the system: two hundred bodies of strangers stayed as holes."""

import ctypes
import gc

# Allocations beyond what was freed, until the next look; 700 is for programs of a few kilobytes.
BETWEEN_LOOKS = 20_000
# What came over the network until the next look: a few objects may hold all of it.
BYTES_BETWEEN_LOOKS = 8 * 1024**2

_ARENA_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -8, -3, -1  # as mallopt(3) numbers them
_ARENAS = 2  # each thread would get one of its own, and each request has a thread
_LARGE = 32 * 1024  # bytes; given back as soon as they are free

_came = [0]


def load() -> None:
    """Call it before anything large is loaded: all of that stays, and is not looked through over
    and over while it grows. Of a start's CPU that is a seventh."""
    gc.disable()


def settle() -> None:
    """Call it when all is loaded: that stays for ever, and is not looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(BETWEEN_LOOKS, 20, 20)
    gc.enable()


def give_back() -> None:
    """Call it first: what is large is given back as soon as it is free. This function will do
    nothing where the C library has other ways."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for option, value in (
            (_ARENA_MAX, _ARENAS),
            (_MMAP_THRESHOLD, _LARGE),
            (_TRIM_THRESHOLD, 4 * _LARGE),
        ):
            mallopt(option, value)


def came(size: int) -> None:
    """Call it for so many bytes from the network."""
    _came[0] += size
    if _came[0] >= BYTES_BETWEEN_LOOKS:
        _came[0] = 0
        # At all that is not frozen: who was refused waits a second, is old by then, and would
        # have stayed with a hundred kilobytes of its body, 20 MB a second under a flood of hooks.
        gc.collect()

"""How often one person or one address may ask: token buckets in this process's memory."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_REMEMBERED = 10_000  # askers; the one that asked longest ago is forgotten first


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` requests at once, then `per_second`."""

    per_second: float
    burst: int


class Buckets:
    """One bucket per asker. Safe between threads; `clock` returns seconds that never go back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, asker: str, rate: Rate) -> float:
        """Take one request out of the asker's bucket. Returns the seconds to wait; 0: go on."""
        now = self._clock()
        with self._lock:
            level, at = self._levels.pop(asker, (float(rate.burst), now))
            level = min(float(rate.burst), level + (now - at) * rate.per_second)
            wait = 0.0 if level >= 1 else (1 - level) / rate.per_second
            self._levels[asker] = (level if wait else level - 1, now)
            if len(self._levels) > _REMEMBERED:
                self._levels.popitem(last=False)
        return wait

    def clear(self) -> None:
        """Forget everybody."""
        with self._lock:
            self._levels.clear()

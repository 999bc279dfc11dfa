"""How a host is reached and as whom: of a host in a sentence it is told to whom may know it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

HIDDEN = "…"
HOST_CHANGED = "host_changed"  # a sentence that says what of it was and is
Values = tuple[tuple[str, Any], ...]
# Whether whoever reads may know it of the host of that name; None: of every host.
Knows = Callable[[str], bool]
# A system's word about a connection (error) names the address that was looked up, too.
_DEEP = {"root", "error"}
_REACH = {"address", "user", *_DEEP}
_READER: ContextVar[Knows | None] = ContextVar("reader", default=None)


def of_none(_host: str) -> bool:
    """Whoever reads may know it of no host."""
    return False


def read_by(knows: Knows | None) -> None:
    """What is said from here on, in this request, is read by somebody who knows that."""
    _READER.set(knows)


def is_all_known() -> bool:
    return _READER.get() is None


@contextmanager
def hidden_reach() -> Iterator[None]:
    """Tell nobody, whatever is said meanwhile."""
    before = _READER.set(of_none)
    try:
        yield
    finally:
        _READER.reset(before)


def known(code: str, values: Values, within: str = "") -> Values:
    """Return the values of a sentence as whoever reads may know them: only where a host is named
    beside them are they how it is reached; the address of a health check, say, is not. `within` is
    the host that a sentence around this one names."""
    knows, names = _READER.get(), dict(values)
    if knows is None or not ("host" in names or within):
        return values
    hidden = _hidden(code, names) if "host" in names else _DEEP & names.keys()
    if not hidden or knows(str(names.get("host", within))):
        return values
    return tuple((name, HIDDEN if name in hidden else value) for name, value in values)


def _hidden(code: str, names: Mapping[str, Any]) -> set[str]:
    if code == HOST_CHANGED:
        return {"before", "after"}
    return _REACH & names.keys() | ({"port"} if "address" in names else set())

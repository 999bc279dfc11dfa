"""The doors to the outside world that the interfaces may use, opened once by the project."""

from slipway.ports import Packages

_opened: dict[str, Packages] = {}


def open(*, packages: Packages) -> None:
    """Say which store takes the packages that people upload. Opened again, the newer one holds."""
    _opened["packages"] = packages


def packages() -> Packages:
    """Return the package store. Raises RuntimeError before `open` was called."""
    try:
        return _opened["packages"]
    except KeyError:
        raise RuntimeError("the doors were not opened: call doors.open(packages=…) first") from None


def free_bytes() -> int:
    """Return how many bytes are free for packages, beyond what is reserved."""
    return packages().free_bytes()


def has_room(size: int, *, by_form: bool = False) -> bool:
    """Whether a package of `size` bytes finds room."""
    return size <= largest(by_form=by_form)


def largest(*, by_form: bool) -> int:
    """Return how many bytes of a package find room: while it is taken in it lies there twice, as
    the body that came and as what is stored; of a form a third time, taken out of the body."""
    return max(free_bytes(), 0) // (3 if by_form else 2)

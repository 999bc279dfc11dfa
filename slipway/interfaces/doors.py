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


def has_room(size: int) -> bool:
    """Whether a package of `size` bytes finds room: it lies there twice, while it is taken in."""
    return 2 * size <= free_bytes()

"""What runs on this machine, by command line."""

from collections.abc import Iterator
from pathlib import Path


def commands() -> Iterator[tuple[int, list[bytes]]]:
    """Yield every process and the words that it was started with."""
    for folder in Path("/proc").glob("[0-9]*"):
        if words := read(folder / "cmdline"):
            yield int(folder.name), words.rstrip(b"\0").split(b"\0")


def read(path: Path) -> bytes:
    """Return what is there; nothing when the process has ended, or is not ours."""
    try:
        return path.read_bytes()
    except OSError:
        return b""

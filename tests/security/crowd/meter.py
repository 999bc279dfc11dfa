"""What processes and a folder hold: the most that it ever was, as the kernel has seen it."""

import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

EVERY = 0.1  # seconds between two looks at the disk


def processes_below(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    found = [pid]
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            found += processes_below(int(child))
    return found


class Memory:
    """The resident memory of processes since now. They are ours, or we are root."""

    def __init__(self, pids: list[int]) -> None:
        self._before = {pid: _kib(pid, "VmRSS") for pid in pids}
        for pid in pids:
            Path(f"/proc/{pid}/clear_refs").write_text("5")  # the most so far is forgotten

    def growth(self) -> float:
        """Return MB: what each has held at the most, above what it held before."""
        grown = (_kib(pid, "VmHWM") - before for pid, before in self._before.items())
        return sum(max(0, each) for each in grown) * 1024 / 1e6


def _kib(pid: int, field: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0])
    raise ValueError(f"process {pid} has no {field}")


class Disk:
    """What lies in a folder, and in files of the processes that have no name; watched by a thread
    until it is left."""

    def __init__(self, folder: Path, pids: list[int]) -> None:
        self._folder = folder
        self._pids = pids
        self._before = self._most = self._used()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Disk":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def growth(self) -> float:
        """Return MB: the most that it was, above what it was before."""
        return (self._most - self._before) / 1e6

    def _watch(self) -> None:
        while not self._is_over.wait(EVERY):
            self._most = max(self._most, self._used())

    def _used(self) -> int:
        return sum(_named(self._folder)) + sum(_nameless(self._pids))


def _named(folder: Path) -> Iterator[int]:
    for path, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                yield Path(path, name).lstat().st_blocks * 512


def _nameless(pids: list[int]) -> Iterator[int]:
    for pid in pids:
        with suppress(OSError):
            for link in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(OSError):
                    if str(link.readlink()).endswith("(deleted)"):
                        yield link.stat().st_blocks * 512

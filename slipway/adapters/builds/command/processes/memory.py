"""The memory that processes of a build hold: what is their own, and what they share."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

# Files that lie in memory: those without a name, and those in a build's own /dev/shm.
_IN_MEMORY = ("/memfd:", "/dev/shm/")
_SHARED = b"\nPss_Shmem:"


def memory_used(pids: list[int]) -> int:
    """Bytes that the processes hold: without files that others read, too, but with what they keep
    in shared memory, mapped or only open, each of it once."""
    own, mapped = 0, 0
    files: dict[tuple[int, int], int] = {}
    for pid in pids:
        with suppress(OSError, ValueError):
            _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_bytes().split()
            own += (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")
            mapped += _mapped(pid)
            files |= _open(pid)
    # What is open is mapped as well, mostly.
    return own + max(mapped, sum(files.values()))


def _mapped(pid: int) -> int:
    """A process's share of the shared memory that it has mapped."""
    if b"\nRssShmem:\t       0 kB" in Path(f"/proc/{pid}/status").read_bytes():
        return 0  # to ask for shares is dear
    _, _, rest = Path(f"/proc/{pid}/smaps_rollup").read_bytes().partition(_SHARED)
    return int(rest.split()[0]) * 1024 if rest else 0


def _open(pid: int) -> dict[tuple[int, int], int]:
    """Bytes of the files in memory that a process has open, by device and number."""
    return dict(_found(pid))


def _found(pid: int) -> Iterator[tuple[tuple[int, int], int]]:
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            if str(link.readlink()).startswith(_IN_MEMORY):
                seen = link.stat()
                yield (seen.st_dev, seen.st_ino), seen.st_blocks * 512

"""What the hands say of folders: whose they are, and whether a release is as it was unpacked."""

import os
import stat
import time

LOOK_THROUGH = 0.3  # seconds; what takes longer is for a program, which can be ended


def rights(path: bytes) -> "list[bytes]":
    """Return MODE GROUP, the mode in octal digits."""
    seen = os.lstat(path)
    return [b"0%o" % stat.S_IMODE(seen.st_mode), b"%d" % seen.st_gid]


def open_to_others(*folders: bytes) -> "list[bytes]":
    """Return those in which more than one user may write."""
    found = []
    for folder in folders:
        try:
            if os.lstat(folder).st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                found.append(folder)
        except FileNotFoundError:
            continue
    return found


def unchanged(release: bytes) -> None:
    """Raise ValueError where something on its list is not so any more, or that took too long.

    A program that lists everything finds out what it is."""
    until = time.monotonic() + LOOK_THROUGH
    with open(os.path.join(release, b".slipway-files"), "rb") as listed:
        for number, line in enumerate(listed):
            path = line[: line.index(b"\t")]
            if described(os.path.join(release, path), path) != line:
                raise ValueError(path)
            if number % 64 == 0 and time.monotonic() > until:
                raise ValueError("took too long")


def described(path: bytes, name: bytes) -> bytes:
    """Return a line as list_files in contents.sh writes it."""
    seen = os.lstat(path)
    mode = stat.S_IMODE(seen.st_mode)
    if stat.S_ISDIR(seen.st_mode):
        return b"%s\t%o\n" % (name, mode)
    if stat.S_ISLNK(seen.st_mode):
        return b"%s\t%s\n" % (name, os.readlink(path))
    sort = stat.filemode(seen.st_mode)[0].replace("-", "f").encode()
    seconds, rest = divmod(seen.st_mtime_ns, 10**9)
    return b"%s\t%o %d %d.%09d0 %s\n" % (name, mode, seen.st_size, seconds, rest, sort)

"""What Python does not offer of the kernel's calls: namespaces and mounts."""

import ctypes
import os
from enum import IntFlag

_libc = ctypes.CDLL(None, use_errno=True)
_MOUNT_SETATTR = 442  # the same number on all machines but Alpha
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_DETACH = 2
BIND, RECURSIVE, PRIVATE = 0x1000, 0x4000, 1 << 18
READ_ONLY, NO_SUID, NO_DEVICES, NO_PROGRAMS = 1, 2, 4, 8
REMOUNT = 32


class Space(IntFlag):
    """Namespaces, as clone(2) numbers them."""

    MOUNTS = 0x00020000
    NAMES = 0x04000000
    MESSAGES = 0x08000000
    USERS = 0x10000000
    PROCESSES = 0x20000000
    NETWORK = 0x40000000


class _Attributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("users", ctypes.c_uint64),
    )


def leave(spaces: Space) -> None:
    """Go on in new namespaces; a new one of processes begins with our next child."""
    _check(_libc.unshare(int(spaces)), "unshare")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    said = (text.encode() or None for text in (source, target, kind))
    _check(_libc.mount(*said, ctypes.c_ulong(flags), options.encode() or None), f"mount {target}")


def restrict(target: str, attributes: int) -> None:
    """Set attributes of all mounts from `target` down, whatever lies below it."""
    wanted = _Attributes(attributes, 0, 0, 0)
    done = _libc.syscall(
        ctypes.c_long(_MOUNT_SETATTR),
        ctypes.c_long(_AT_FDCWD),
        target.encode(),
        ctypes.c_long(_AT_RECURSIVE),
        ctypes.byref(wanted),
        ctypes.c_size_t(ctypes.sizeof(wanted)),
    )
    _check(done, f"mount_setattr {target}")


def change_root(new: str, old: str) -> None:
    _check(_libc.pivot_root(new.encode(), old.encode()), "pivot_root")


def detach(target: str) -> None:
    _check(_libc.umount2(target.encode(), _DETACH), f"umount {target}")


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)

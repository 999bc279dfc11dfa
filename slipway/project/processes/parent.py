"""A process that has no use without the one that started it."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def end_with(parent: int) -> None:
    """Have this process asked to end (SIGTERM) as soon as its parent is gone, however that died.

    Otherwise a web process would keep the port from the next `slipway up`. What we start ourselves
    is not asked: a build by command runs on. `parent`: its process id, as the parent itself knows
    it. Raises SystemExit when it is gone already. Elsewhere than on Linux it does nothing.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    if os.getppid() != parent:
        sys.exit(0)  # it died before we could say so

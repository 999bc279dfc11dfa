"""The time zone of whoever sits here, by its name."""

import os
import time
from pathlib import Path
from zoneinfo import ZoneInfo

_HERE = Path("/etc/localtime")  # leads to the file of the zone


def zone_name() -> str:
    """Return it as `Europe/Berlin`, which holds in summer and in winter; where nothing says it so,
    as the C library calls it now: `CET`."""
    named = os.environ.get("TZ")
    if named is None:
        named = str(_HERE.resolve()).partition("/zoneinfo/")[2]
    name = named.lstrip(":")
    return name if _is_known(name) else time.strftime("%Z")


def _is_known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # where it is none, or no zones are installed
        return False
    return True

"""How many files, and so how many connections, this process may have open at once."""

import resource

OTHERS = 128  # files that are no connections to hosts: databases, logs, requests, packages
ENOUGH = 65_536
FILES_OF_A_CONNECTION = 2  # its socket, and the package that may be sent over it
FEWEST = 8


def raise_limit() -> int:
    """Raise the soft limit of open files as far as we may; returns what it is now.

    It is low by custom, for programs that use select(); we have none of those.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(wanted, soft)


def connections_within(limit: int) -> int:
    """Return how many connections to hosts fit below a limit of open files, with a margin."""
    return max((limit - OTHERS) // FILES_OF_A_CONNECTION, FEWEST)

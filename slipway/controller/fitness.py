"""Whether a host that answers could take a release at all, judged from its facts."""

from slipway.core.refusal import Refused
from slipway.ports import HostAccess, HostFacts, HostIncapable

LEAST_INODES = 100  # fewer hold no release
LEAST_ROOM = 2**20  # bytes


def unfit(access: HostAccess, facts: HostFacts) -> Refused | None:
    """Return why nothing can be released there as it is, and what would help."""
    if access.become == "sudo" and not facts.can_become_root:
        return HostIncapable(
            "{user} may not use sudo on {host} without a password.",
            hint="Put `{user} ALL=(ALL) NOPASSWD: ALL` into /etc/sudoers.d/slipway there, or take"
            " the host without sudo. Then: slipway host check {host}.",
            user=access.user,
            host=access.name,
        )
    if facts.lacking:
        return HostIncapable(
            "{host} lacks what no release goes without: {lacking}.",
            hint="Install it there (busybox is not enough), then: slipway host check {host}.",
            host=access.name,
            lacking=", ".join(facts.lacking).replace("-", " "),
        )
    if not facts.root_writable:
        return HostIncapable(
            "{user} cannot write in {root} on {host}.",
            hint="On {host}: mkdir -p {root} && chown {user}: {root}. Or let the user have sudo, or"
            " name another root folder. Then: slipway host check {host}.",
            user=access.user,
            root=access.root,
            host=access.name,
        )
    return _without_room(access, facts)


def _without_room(access: HostAccess, facts: HostFacts) -> Refused | None:
    if facts.disk_free >= LEAST_ROOM and facts.inodes_free >= LEAST_INODES:
        return None
    return HostIncapable(
        "The disk below {root} on {host} is full: {free} bytes and {inodes} inodes are free.",
        hint="Free some room there, then: slipway host check {host}.",
        root=access.root,
        host=access.name,
        free=facts.disk_free,
        inodes=facts.inodes_free,
    )

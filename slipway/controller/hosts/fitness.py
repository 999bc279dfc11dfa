"""Whether a host that answers could take a release at all, judged from its facts."""

from slipway.core.hosts.access import HostAccess
from slipway.core.hosts.facts import HostFacts
from slipway.core.words.refusal import Refused
from slipway.ports import HostIncapable

LEAST_INODES = 100  # fewer hold no release
LEAST_ROOM = 2**20  # bytes
SLOW_SUDO = 2000  # milliseconds


def unfit(access: HostAccess, facts: HostFacts) -> Refused | None:
    """Return why nothing can be released there as it is, and what would help."""
    return (
        _without_rights(access, facts)
        or _without_session(access, facts)
        or _without_tools(access, facts)
        or _without_folder(access, facts)
        or _without_room(access, facts)
    )


def _without_rights(access: HostAccess, facts: HostFacts) -> Refused | None:
    if access.become == "sudo" and facts.sudo_milliseconds >= SLOW_SUDO:
        return HostIncapable(
            "sudo takes {seconds} s on {host} each time, and a release calls it many times.",
            hint="Mostly it looks in vain for the host's own name: put that into /etc/hosts behind"
            " 127.0.1.1, or mend the DNS there. Then: slipway host check {host}.",
            seconds=round(facts.sudo_milliseconds / 1000),
            host=access.name,
        )
    if access.become == "sudo" and not facts.can_become_root:
        return HostIncapable(
            "{user} may not use sudo on {host} without a password.",
            hint="Put `{user} ALL=(ALL) NOPASSWD: ALL` into /etc/sudoers.d/slipway there, or take"
            " the host without sudo. Then: slipway host check {host}.",
            user=access.user,
            host=access.name,
        )
    return None


def _without_session(access: HostAccess, facts: HostFacts) -> Refused | None:
    if not facts.single_session:
        return None
    return HostIncapable(
        "The sshd of {host} allows one session at a time: nothing could be asked while a step"
        " runs.",
        hint="Raise MaxSessions in its sshd_config (10 is usual), then: slipway host check {host}.",
        host=access.name,
    )


def _without_tools(access: HostAccess, facts: HostFacts) -> Refused | None:
    if facts.lacking:
        return HostIncapable(
            "{host} lacks what no release goes without: {lacking}.",
            hint="Install it there (busybox is not enough), then: slipway host check {host}.",
            host=access.name,
            lacking=", ".join(facts.lacking).replace("-", " "),
        )
    return None


def _without_folder(access: HostAccess, facts: HostFacts) -> Refused | None:
    if not facts.root_writable:
        return HostIncapable(
            "{user} cannot write in {root} on {host}.",
            hint="On {host}: mkdir -p {root} && chown {user}: {root}. Or let the user have sudo, or"
            " name another root folder. Then: slipway host check {host}.",
            user=access.user,
            root=access.root,
            host=access.name,
        )
    for sentence in facts.barred:
        return HostIncapable(
            "{host}: {sentence}.",
            hint="Put it right on {host}, then: slipway host check {host}.",
            host=access.name,
            sentence=sentence,
        )
    if facts.noexec:
        return HostIncapable(
            "The disk below {root} on {host} is mounted noexec: no program that a release"
            " brings can be started there.",
            hint="Take noexec out of its line in /etc/fstab and mount it anew, or give the host"
            " another root folder. Then: slipway host check {host}.",
            root=access.root,
            host=access.name,
        )
    return None


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

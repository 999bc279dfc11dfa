"""What a host says of itself, as it was checked."""

from dataclasses import dataclass

from slipway.core.words.sentence import Sentence


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What a host says of itself; sizes in bytes."""

    os: str
    arch: str
    cpus: int
    memory: int
    disk_total: int
    disk_free: int
    inodes_free: int
    root_writable: bool
    systemd: bool  # systemd is running as the manager
    can_become_root: bool
    tools: tuple[str, ...]  # of: tar gzip sha256sum flock setsid systemctl curl zstd python3 bash …
    lacking: tuple[str, ...] = ()  # what no release goes without: GNU-tar, setsid …
    barred: tuple[Sentence, ...] = ()  # folders in which nothing would be done, and why
    sudo_milliseconds: int = 0  # that one call of it took
    single_session: bool = False  # its sshd allows no second one beside it
    noexec: bool = False  # nothing can be started below the root folder
    missing_users: tuple[str, ...] = ()  # of those that were asked about

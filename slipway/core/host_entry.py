"""A host as another tool wrote it down."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from slipway.core.names import shown
from slipway.core.refusal import Invalid

MOST_HOSTS = 10_000


@dataclass(frozen=True, slots=True)
class HostEntry:
    """One host as it was written down; "" and 0 where nothing was said."""

    name: str
    address: str = ""
    port: int = 0
    user: str = ""
    root: str = ""
    become: str = ""
    environment: str = ""
    key: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


Entries = dict[str, HostEntry]


def add(entries: Entries, entry: HostEntry) -> None:
    """Add a host; what was said of it before stays."""
    known = entries.get(entry.name)
    entries[entry.name] = completed(known, entry) if known else entry


def completed(entry: HostEntry, other: HostEntry) -> HostEntry:
    """Return `entry` with what only `other` says."""
    return replace(
        entry,
        address=entry.address or other.address,
        port=entry.port or other.port,
        user=entry.user or other.user,
        become=entry.become or other.become,
        labels={**other.labels, **entry.labels},
    )


def checked_port(text: str, where: str) -> int:
    """Return the port, 0 for "". Raises Invalid that says `where`."""
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 65535):
        raise Invalid("{where}: {port} is not a port.", where=shown(where), port=shown(text))
    return int(text)

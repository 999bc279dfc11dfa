"""How a host is reached, and by which key."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HostAccess:
    """All it takes to reach a host. `private_key` is OpenSSH text, decrypted, never shown."""

    name: str
    address: str
    port: int
    user: str
    root: str
    become: str  # "none" or "sudo"
    private_key: str = field(repr=False)
    host_key: str  # "ssh-ed25519 AAAA…", or "" before it was learnt

"""The short form of a host key that people compare."""

import base64
import binascii
import hashlib


def fingerprint(host_key: str) -> str:
    """Return `SHA256:…` of a key like "ssh-ed25519 AAAA…", as OpenSSH prints it; "" for none."""
    _, _, encoded = host_key.partition(" ")
    try:
        digest = hashlib.sha256(base64.b64decode(encoded.split(" ")[0], validate=True)).digest()
    except (binascii.Error, ValueError):
        return ""
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=") if encoded else ""

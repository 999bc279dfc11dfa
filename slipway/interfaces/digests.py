"""Packages that come with their sha256: what arrives is compared with it."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator

from slipway.ports import PackageRefused


def compared(chunks: Iterable[bytes], sha256: str) -> Iterator[bytes]:
    """Yield the chunks. Raises PackageRefused at their end when they are not those of `sha256` (""
    for any): inside the store's reading, so that nothing of them is kept."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
        yield chunk
    if sha256 and not hmac.compare_digest(sha256, digest.hexdigest()):
        raise PackageRefused(
            "The package that arrived is not the one that was sent: its sha256 differs.",
            hint="Upload it again.",
        )

"""Whether a webhook comes from somebody who knows the secret. Nothing here tells how nearly."""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from slipway.core.words.refusal import Refused

TOLERANCE = timedelta(minutes=5)
# Compared where there is no secret to compare with: that takes the same time.
_NOBODYS = secrets.token_hex(16)
_MOST_OF_A_SERVICE = 2  # its own, and that of its build server
_SECONDS = re.compile(r"[0-9]{1,11}")
_STANDARD = "whsec_"  # before a secret of the Standard Webhooks that is base64

Proof = Callable[[str], bool]


class NotProven(Refused):
    """The secret is wrong, or there is none, or there is no such thing (HTTP 401)."""

    code = "unauthorized"


def holds(proof: Proof, known: Iterable[str]) -> bool:
    """Return whether the proof fits one of the secrets.

    All of them are tried, and as many as a service can have where there are fewer: how long it
    takes does not tell whether there is such a service.
    """
    fits = [proof(secret) for secret in known]
    for _ in range(len(fits), _MOST_OF_A_SERVICE):
        proof(_NOBODYS)
    return any(fits)


def token_proof(given: str) -> Proof:
    """Return what compares a header that should be the secret itself."""
    said = _digest(_as_sent(given))
    return lambda secret: hmac.compare_digest(_digest(secret.encode()), said)


def signature_proof(given: str, text: bytes) -> Proof:
    """Return what compares `sha256=<hexadecimal HMAC-SHA256 of text>`."""

    def fits(secret: str) -> bool:
        expected = "sha256=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected.encode(), _as_sent(given))

    return fits


def standard_proof(given: str, text: bytes) -> Proof:
    """Return what compares the signatures `v1,<base64> v1,<base64> …` of the Standard Webhooks."""
    signatures = given.split(" ")[:8]

    def fits(secret: str) -> bool:
        made = hmac.new(_standard_key(secret), text, hashlib.sha256).digest()
        expected = b"v1," + base64.b64encode(made)
        return sum(hmac.compare_digest(expected, _as_sent(one)) for one in signatures) > 0

    return fits


def is_fresh(timestamp: str, now: datetime) -> bool:
    """Return whether the Unix seconds are within five minutes of `now`, before or after."""
    if not _SECONDS.fullmatch(timestamp) or not timestamp.isascii():
        return False
    return abs(datetime.fromtimestamp(int(timestamp), UTC) - now) <= TOLERANCE


def _standard_key(secret: str) -> bytes:
    if not secret.startswith(_STANDARD):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_STANDARD), validate=True)
    except binascii.Error:
        return secret.encode()


def _as_sent(header: str) -> bytes:
    # A header is decoded as Latin-1, whatever its bytes meant.
    return header.encode("latin-1", "replace")


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()

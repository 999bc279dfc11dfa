"""When certificates end, read from their text."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

SOON = timedelta(days=30)
# More are no company's own authorities, but a system's, of which some are always about to end.
_OF_A_SYSTEM = 20


@dataclass(frozen=True, slots=True)
class Ending:
    """A certificate that has ended, or will soon."""

    subject: str
    ends_at: datetime


def endings(pem: bytes, now: datetime) -> tuple[Ending, ...]:
    """Return which certificates of `pem` have ended or end soon; of a system's bundle none. Raises
    ValueError where it holds no certificate."""
    if pem.count(b"-----BEGIN CERTIFICATE-----") > _OF_A_SYSTEM:
        return ()
    found = (
        Ending(each.subject.rfc4514_string(), each.not_valid_after_utc)
        for each in x509.load_pem_x509_certificates(pem)
    )
    return tuple(each for each in found if each.ends_at < now + SOON)

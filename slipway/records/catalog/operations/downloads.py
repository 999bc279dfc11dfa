"""Telling who took a package out."""

from datetime import datetime

from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record_of
from slipway.records.catalog.models import Version


def note_download(version: Version, *, by: Actor, now: datetime) -> None:
    """Keep that somebody is given a version's package."""
    record_of("version.downloaded", version, by=by, now=now)

"""Telling who took a package out."""

from datetime import datetime

from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Version
from slipway.records.catalog.operations.telling import tell_of_version


def note_download(version: Version, *, by: Actor, now: datetime) -> None:
    """Keep that somebody is given a version's package."""
    tell_of_version("version.downloaded", version, by=by, now=now)

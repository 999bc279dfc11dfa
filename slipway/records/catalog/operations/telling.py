"""What happened to a version, as the audit keeps it."""

from typing import Any

from slipway.records.audit.operations import record
from slipway.records.catalog.models import Version


def tell_of_version(verb: str, version: Version, **more: Any) -> None:
    """Keep an event; `more` is what else `record` takes."""
    record(verb, "version", version.pk, str(version), service=version.service.name, **more)

"""An instance as it is shown: what is wanted, what was seen, and the one status that follows."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Self

from slipway.core.hosts.place_status import PlaceStatus
from slipway.core.words.instances import InstanceStatus
from slipway.records.catalog.version_facts import NamedVersion
from slipway.records.fleet.models import Instance
from slipway.records.fleet.queries import status_of


class InstanceFacts(NamedTuple):
    """What is known of an instance. `previous` is the name of a version, `seen_version` of the one
    that was seen running, `locked_by` of a person; "" for none."""

    id: int
    service: str
    environment: str
    host: str
    port: int
    version: NamedVersion | None
    previous: str
    seen_version: str
    seen_at: datetime | None
    status: PlaceStatus
    is_stopped: bool
    healthy: bool | None
    tag: str
    weight: int
    locked_by: str
    locked_reason: str

    @classmethod
    def of(cls, instance: Instance, now: datetime) -> Self:
        """Return the facts of an instance whose names are loaded."""
        version, previous = instance.version, instance.previous_version
        return cls(
            id=instance.pk,
            service=instance.service.name,
            environment=instance.environment.name,
            host=instance.host.name,
            port=instance.port,
            version=NamedVersion.of(version) if version else None,
            previous=previous.name if previous else "",
            seen_version=instance.seen_version,
            seen_at=instance.seen_at,
            status=status_of(instance, now),
            is_stopped=instance.status == InstanceStatus.STOPPED,
            healthy=instance.healthy,
            tag=instance.tag,
            weight=instance.weight,
            locked_by=instance.locked_by.get_username() if instance.locked_by else "",
            locked_reason=instance.locked_reason,
        )

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}" if self.port else self.host

    @property
    def version_name(self) -> str:
        return self.version.name if self.version else ""


@dataclass(frozen=True, slots=True)
class WholeInstance:
    """An instance with what people have noted of it, and what lists leave out."""

    facts: InstanceFacts
    description: str
    is_maintain: bool
    created_at: datetime

    @classmethod
    def of(cls, instance: Instance, now: datetime) -> Self:
        facts = InstanceFacts.of(instance, now)
        return cls(facts, instance.description, instance.is_maintain, instance.created_at)

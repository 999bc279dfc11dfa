"""An instance as it is shown: what is wanted, what was seen, and the one status that follows; also
of many at once, where no row is made a model, and what many name is read once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Self

from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from slipway.core.hosts.place_status import PlaceStatus
from slipway.core.words.instances import InstanceStatus
from slipway.core.words.names import place_name
from slipway.core.words.sentence import Sentence
from slipway.records.catalog.models import Service, Version
from slipway.records.catalog.version_facts import NamedVersion
from slipway.records.fleet.models import Instance
from slipway.records.fleet.queries import status_as_seen


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
        return cls._as_seen(
            instance,
            instance.service.name,
            instance.environment.name,
            instance.host.name,
            NamedVersion.of(version) if version else None,
            previous.name if previous else "",
            instance.locked_by.get_username() if instance.locked_by else "",
            now,
        )

    @classmethod
    def _as_seen(
        cls,
        seen: "Instance | _Row",
        service: str,
        environment: str,
        host: str,
        version: NamedVersion | None,
        previous: str,
        locked_by: str,
        now: datetime,
    ) -> Self:
        wanted = version.name if version else ""
        return cls(
            seen.id,
            service,
            environment,
            host,
            seen.port,
            version,
            previous,
            seen.seen_version,
            seen.seen_at,
            status_as_seen(seen, service, environment, host, wanted, now),
            seen.status == InstanceStatus.STOPPED,
            seen.healthy,
            seen.tag,
            seen.weight,
            locked_by,
            seen.locked_reason,
        )

    @property
    def place(self) -> str:
        return place_name(self.host, self.port)

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


class _Row(NamedTuple):
    """What is read of an instance; by number what many name, and is longer than that."""

    service_id: int
    environment__name: str
    version_id: int | None
    previous_version_id: int | None
    locked_by_id: int | None
    id: int
    host__name: str
    port: int
    status: int
    healthy: bool | None
    seen_version: str
    seen_link: str
    seen_drift: str
    seen_at: datetime | None
    seen_why: Sentence | None
    tag: str
    weight: int
    locked_reason: str


class HostToChoose(NamedTuple):
    """A host, with how it was last looked at."""

    id: int
    name: str
    state: str
    problem: Sentence | None


def hosts_to_choose(instances: QuerySet[Instance]) -> list[HostToChoose]:
    """Return the hosts of instances, by name; one with several instances once."""
    columns = (f"host__{column}" for column in HostToChoose._fields)
    rows = instances.order_by("host__name", "port").values_list(*columns)
    return list({row[0]: HostToChoose._make(row) for row in rows}.values())


def facts_of(instances: QuerySet[Instance], now: datetime) -> list[InstanceFacts]:
    """Return the facts of instances in their order, in four queries at most."""
    rows = list(map(_Row._make, instances.values_list(*_Row._fields)))
    services = _names(Service.objects, "name", {row.service_id for row in rows})
    people = _names(get_user_model().objects, "username", {row.locked_by_id for row in rows})
    numbers = {row.version_id for row in rows} | {row.previous_version_id for row in rows}
    known = Version.objects.filter(pk__in=[each for each in numbers if each])
    columns = ("pk", "name", "commit", "created_at")
    versions = {each[0]: NamedVersion(*each) for each in known.values_list(*columns)}
    return [
        InstanceFacts._as_seen(
            row,
            services[row.service_id],
            row.environment__name,
            row.host__name,
            versions[row.version_id] if row.version_id else None,
            versions[row.previous_version_id].name if row.previous_version_id else "",
            people[row.locked_by_id] if row.locked_by_id else "",
            now,
        )
        for row in rows
    ]


def _names(all_of: Any, column: str, numbers: Iterable[int | None]) -> dict[int, str]:
    wanted = set(numbers) - {None}
    return dict(all_of.filter(pk__in=wanted).values_list("pk", column)) if wanted else {}

"""Instances as pages show many of them: rows of a thousand are wide, and so are those they name."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Prefetch, QuerySet

from slipway.records.catalog.models import Service, Version
from slipway.records.fleet.models import Environment, Instance, InstanceQuerySet


def for_pages(instances: InstanceQuerySet, *more: str) -> InstanceQuerySet:
    """Return no more than what pages show of an instance and `more` columns, and of many that name
    the same thing that thing once."""
    named = {
        "service": Service.objects.only("name"),
        "environment": Environment.objects.only("name", "order"),
        "version": Version.objects.only("name", "commit", "created_at", "service"),
        "previous_version": Version.objects.only("name"),
        "locked_by": get_user_model().objects.only("username"),
    }
    shared = (Prefetch(name, rows) for name, rows in named.items())
    return (
        instances.select_related("host")
        .prefetch_related(*shared)
        .only(
            *named,
            *("host__name", "port", "tag", "weight", "status", "healthy", "locked_reason"),
            *("seen_version", "seen_link", "seen_drift", "seen_at", "seen_why"),
            *more,
        )
    )


def without_long(instances: InstanceQuerySet) -> InstanceQuerySet:
    """Return them with all that they name, but for what is long or a secret there."""
    of_version = ("spec", "service_spec", "hidden_content", "build_log", "description")
    return instances.defer(
        *(f"service__{column}" for column in ("hook_secret", "spec", "build", "description")),
        *(f"version__{column}" for column in of_version),
        *(f"previous_version__{column}" for column in of_version),
    )


def naming_once(
    instances: InstanceQuerySet, service: Service, environment: Environment
) -> list[Instance]:
    """Return instances of `service` in `environment` with what they name as it is, and what many
    name once: a plan asks for the specs of versions, which a thousand instances have in common.
    Nothing of what only lists tell."""
    told = ("description", "seen_process", "seen_boot", "seen_why", "previous_version")
    drained = ("seen_drained_by", "seen_hook_owed")
    of_host = ("labels", "looked_at", "last_seen_at", "created_at", "created_by")
    named = instances.select_related("host").defer(
        *told, *drained, "created_at", "created_by", *(f"host__{each}" for each in of_host)
    )
    found = list(named)
    for name, row in (("service", service), ("environment", environment)):
        give: Any = Instance._meta.get_field(name)
        for each in found:
            give.set_cached_value(each, row)
    _name(found, "version", Version.objects.select_related("package"))
    _name(found, "locked_by", get_user_model().objects.all())
    return found


def _name(instances: Sequence[Instance], name: str, rows: QuerySet[Any]) -> None:
    """Give each the row that it names: read once, however many name it. As a prefetch does, which
    looks at each of a thousand instances for it several times."""
    field: Any = Instance._meta.get_field(name)
    numbers = [getattr(each, field.attname) for each in instances]
    named = {number for number in numbers if number is not None}
    known = {None: None, **(rows.in_bulk(named) if named else {})}
    for each, number in zip(instances, numbers, strict=True):
        field.set_cached_value(each, known[number])

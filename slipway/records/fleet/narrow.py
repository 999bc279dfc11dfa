"""Instances as pages show many of them: rows of a thousand are wide, and so are those they name."""

from django.contrib.auth import get_user_model
from django.db.models import Prefetch

from slipway.records.catalog.models import Service, Version
from slipway.records.fleet.models import Environment, InstanceQuerySet


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


def naming_once(instances: InstanceQuerySet) -> InstanceQuerySet:
    """Return them with what they name as it is, and what many name once: a plan asks for the specs
    of versions, which a thousand instances have in common. Nothing of what only lists tell."""
    shared = ("service", "environment", "version__package", "previous_version__package")
    told = ("description", "seen_process", "seen_boot")
    of_host = ("labels", "looked_at", "created_at", "created_by")
    named = instances.select_related("host").prefetch_related(*shared, "locked_by")
    return named.defer(*told, "created_at", "created_by", *(f"host__{each}" for each in of_host))

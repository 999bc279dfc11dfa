"""Stored packages as lists show them."""

from django.db.models import Prefetch

from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Package, Service, Version
from slipway.records.rows.pages import Page


def list_packages(
    actor: Actor, service: Service | None = None, limit: int = 50, offset: int = 0
) -> Page[Package]:
    """Return the packages of versions that `actor` may see, the newest first, each with those
    `versions`; also those whose bytes were let go."""
    seen = Version.objects.filter(actor.visible(service="service__name"))
    if service is not None:
        seen = seen.filter(service=service)
    # No more than what tells a version, and how its package came: specs are long.
    versions = (
        seen.select_related("service")
        .order_by("-id")
        .only(
            *("service__name", "name", "package", "created_at"),
            *("filename", "format", "unpacked_size"),
        )
    )
    packages = Package.objects.filter(pk__in=seen.values("package"))
    shown = packages.prefetch_related(Prefetch("versions", queryset=versions))
    return Page(shown.order_by("-created_at", "-id"), limit, offset)

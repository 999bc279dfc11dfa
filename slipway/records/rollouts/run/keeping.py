"""Which releases stay on hosts."""

from collections.abc import Collection

from slipway.records.rollouts.models import WellState


def kept_on_hosts(service_id: int, host_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    kept: dict[int, tuple[str, ...]] = {}
    rows = WellState.objects.filter(service=service_id, closed_at=None).order_by("-since", "-id")
    for host, version in rows.values_list("host", "release__version__name"):
        if host in host_ids and version not in kept.get(host, ()):
            kept[host] = (*kept.get(host, ()), version)
    return kept

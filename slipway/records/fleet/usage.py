"""Where versions are used."""

from collections import defaultdict
from collections.abc import Collection

from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Instance


def environments_of_versions(actor: Actor, versions: Collection[int]) -> dict[int, list[str]]:
    """Return, by the version's id, the environments whose instances should run it, in their
    order; of those that `actor` may see."""
    seen = actor.visible(service="service__name", environment="environment__name")
    rows = Instance.objects.filter(seen, version__in=versions).order_by(
        "environment__order", "environment__name"
    )
    found: dict[int, list[str]] = defaultdict(list)
    for version, environment in rows.values_list("version", "environment__name").distinct():
        found[version].append(environment)
    return dict(found)

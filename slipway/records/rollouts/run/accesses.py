"""How a driver reaches the hosts of its plan: as they were known when it was made."""

from slipway.core.hosts.access import HostAccess
from slipway.core.rollout.plans.plan import Plan
from slipway.records.fleet.models import SshKey
from slipway.records.rollouts.models import Installation
from slipway.records.rows.facts import read_as


def accesses(plan: Plan) -> dict[str, HostAccess]:
    """Return, by host, all it takes to reach it; each key is decrypted once. A key that was removed
    meanwhile is an empty one: its hosts refuse us, and are told as such."""
    names = {host.key for host in plan.hosts.values()}
    keys = {key.name: key.private_key for key in SshKey.objects.filter(name__in=names)}
    return {
        host.name: read_as(HostAccess, host, private_key=keys.get(host.key, ""))
        for host in plan.hosts.values()
    }


def installation() -> str:
    """Return who we are to hosts."""
    return Installation.objects.values_list("name", flat=True).filter(pk=1).first() or ""

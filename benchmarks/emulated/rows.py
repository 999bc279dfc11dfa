"""Reads and writes the rows of the installation that is measured, in a process of its own.

`… furnish HOSTS SERVICES PORT KEY` makes an empty one full; `… seen` says how its hosts are seen,
`… running VERSION` how many instances run that version, well.
"""

import sys
from datetime import timedelta
from itertools import product

import django

django.setup()

from django.conf import settings  # noqa: E402 - models need the settings
from django.utils import timezone  # noqa: E402

from slipway.core.words.instances import InstanceStatus  # noqa: E402
from slipway.project.installation.preparation import make_first_admin, migrate  # noqa: E402
from slipway.records.accounts.rights import Actor  # noqa: E402
from slipway.records.catalog.operations.services import create_service  # noqa: E402
from slipway.records.fleet.models import Host, HostState, Instance  # noqa: E402
from slipway.records.fleet.operations import environments, keys  # noqa: E402


def furnish(hosts: int, services: int, port: int, host_key: str) -> None:
    migrate()
    make_first_admin(settings.DATA)
    now, system = timezone.now(), Actor.system()
    prod = environments.create_environment(name="prod", by=system, now=now)
    key = keys.generate_key(name="default", by=system, now=now)
    made = [
        create_service(name=f"service-{n}", language="go", by=system, now=now)
        for n in range(services)
    ]
    facts = {"tools": ["tar", "gzip", "sha256sum"]}
    fields = {"environment": prod, "key": key, "host_key": host_key, "user": "deploy"}
    Host.objects.bulk_create(
        Host(
            name=f"web-{n}",
            address=_address(n),
            port=port,
            facts=facts,
            created_at=now,
            **fields,
        )
        for n in range(1, hosts + 1)
    )
    Instance.objects.bulk_create(
        Instance(
            service=service,
            host=host,
            environment=prod,
            status=InstanceStatus.RUNNING,
            created_at=now,
        )
        for host, service in product(Host.objects.all(), made)
    )


def seen() -> None:
    now = timezone.now()
    well = Host.objects.filter(state=HostState.OK, last_seen_at__gt=now - timedelta(seconds=90))
    looked_at = Host.objects.order_by("looked_at").values_list("looked_at", flat=True)
    oldest = next((moment for moment in looked_at if moment), None)
    print(well.count(), (now - oldest).total_seconds() if oldest else -1)


def running(version: str) -> None:
    there = Instance.objects.filter(version__name=version, seen_version=version)
    print(there.filter(status=InstanceStatus.RUNNING).exclude(healthy=False).count())


def _address(number: int) -> str:
    return f"127.20.{number // 250}.{number % 250 + 1}"


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["furnish", hosts, services, port, key]:
            furnish(int(hosts), int(services), int(port), key)
        case ["running", version]:
            running(version)
        case _:
            seen()

"""No statement grows with the number of hosts that it is about."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from slipway.core.hosts.seen import SeenInstance
from slipway.records.fleet.models import Host, Instance
from slipway.records.fleet.operations.looks import HostLook, record_looks
from slipway.records.rows import pages
from slipway.records.rows.pages import slices
from slipway.records.rows.writing.alike import save_alike
from tests.records.people import NOW
from tests.records.world import World

pytestmark = pytest.mark.django_db

HOSTS = 1200
LONGEST = 25_000  # characters; 500 numbers, and all columns of a joined row


@pytest.fixture
def crowd() -> World:
    """Many hosts, with an instance each."""
    world = World(hosts=1)
    like = world.hosts[0]
    fields = {"environment": world.environment, "key": like.key, "created_at": NOW}
    Host.objects.bulk_create(
        Host(name=f"many-{n}", address="192.0.2.9", **fields) for n in range(HOSTS)
    )
    Instance.objects.bulk_create(
        Instance(
            service=world.service,
            environment=world.environment,
            host=host,
            status=0,
            created_at=NOW,
        )
        for host in Host.objects.filter(name__startswith="many-")
    )
    return world


def longest(asked: CaptureQueriesContext) -> int:
    assert asked.captured_queries
    return max(len(one["sql"]) for one in asked if not one["sql"].startswith("INSERT"))


def test_looks_at_all_hosts_are_written_in_parts(crowd: World) -> None:
    seen = SeenInstance("main", "1.0", "active", "1.0", 1, 1)
    looks = [
        HostLook(pk, NOW, None, {crowd.service.pk: (seen,)})
        for pk in Host.objects.values_list("pk", flat=True)
    ]
    with CaptureQueriesContext(connection) as asked:
        record_looks(looks=looks, now=NOW)
    assert longest(asked) < LONGEST
    assert Instance.objects.filter(seen_version="1.0").count() == HOSTS


def test_many_rows_that_became_alike_are_saved_in_parts(crowd: World) -> None:
    rows = list(Instance.objects.all())
    for row in rows:
        row.tag = "blue"
    with CaptureQueriesContext(connection) as asked:
        save_alike(Instance, rows, ("tag",))
    assert longest(asked) < LONGEST
    assert Instance.objects.filter(tag="blue").count() == HOSTS


def test_many_named_hosts_get_a_rollout(crowd: World) -> None:
    names = sorted(Host.objects.filter(name__startswith="many-").values_list("name", flat=True))
    Host.objects.update(host_key="ssh-ed25519 AAAA", state="ok")
    Instance.objects.all().delete()
    rollout = crowd.start("deploy", crowd.version("1.0"), *names)
    assert rollout.targets.count() == HOSTS


def test_parts_are_all_there_is() -> None:
    assert [list(some) for some in slices([1, 2, 3, 4, 5], 2)] == [[1, 2], [3, 4], [5]]
    assert list(slices([])) == []
    assert pages.IN_A_STATEMENT < 999

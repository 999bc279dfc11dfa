"""Which hosts are due to be looked at, and what looks at many of them write down."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from slipway.core.hosts.seen import SeenInstance
from slipway.ports import HostUnreachable, OursAtFault
from slipway.records.fleet import due
from slipway.records.fleet.models import Host, HostState, Instance
from slipway.records.fleet.operations import checks
from slipway.records.fleet.operations.hosts import set_maintenance
from slipway.records.fleet.operations.looks import HostLook, record_looks
from tests.records.people import NOW
from tests.records.world import World
from tests.standing import made_once

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
LOST = HostUnreachable("{host} does not answer.", host="web-1")


@made_once
def standing() -> World:
    made = World(hosts=4)
    made.run("deploy", made.version("1.0"))
    Host.objects.update(host_key="ssh-ed25519 AAAA", looked_at=None)
    return made


def names(now: datetime = NOW, limit: int = 100) -> list[str]:
    return [host.access.name for host in due.list_due(now, MINUTE, limit)]


def looks(world: World, asked_at: datetime, running: str = "1.0") -> list[HostLook]:
    seen = SeenInstance("8080", running, "active", running, 1, 1)
    return [HostLook(host.pk, asked_at, None, {world.service.pk: (seen,)}) for host in world.hosts]


def test_a_host_is_due_about_a_minute_after_anybody_looked_at_it(world: World) -> None:
    assert len(names()) == 4
    record_looks(looks=looks(world, NOW)[:1], now=NOW)
    check = checks.request_checks(hosts=world.hosts[1:2], learn_key=False, by=world.boss, now=NOW)
    assert check
    one = checks.claim_checks(worker="w", limit=1, now=NOW)[0]
    checks.finish_check(check=one, facts=None, host_key=None, problem=None, now=NOW)
    record_looks(looks=[HostLook(world.hosts[2].pk, NOW, LOST)], now=NOW)
    assert names(NOW + timedelta(seconds=50)) == ["web-4"]
    assert sorted(names(NOW + timedelta(seconds=70))) == ["web-1", "web-2", "web-3", "web-4"]


def test_those_that_were_looked_at_together_are_not_due_together(world: World) -> None:
    Host.objects.update(looked_at=NOW)
    counts = {len(names(NOW + timedelta(seconds=second))) for second in range(54, 67)}
    assert len(counts) > 2


def test_a_host_at_rest_or_without_a_key_is_never_due(world: World) -> None:
    set_maintenance(host=world.hosts[0], on=True, by=world.boss, now=NOW)
    Host.objects.filter(name="web-2").update(host_key="")
    assert names() == ["web-3", "web-4"]


def test_the_longest_unseen_come_first(world: World) -> None:
    for minutes, host in enumerate(reversed(world.hosts), start=2):
        Host.objects.filter(pk=host.pk).update(looked_at=NOW - minutes * MINUTE)
    Host.objects.filter(name="web-4").update(looked_at=None)
    assert names(limit=3) == ["web-4", "web-1", "web-2"]


def test_what_is_due_is_asked_in_three_queries_however_many(world: World) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        hosts = due.list_due(NOW, MINUTE, 100)
    assert len(asked) == 3
    assert {host.services for host in hosts} == {((world.service.pk, "billing"),)}
    assert hosts[0].access.private_key


def test_where_nothing_changed_two_statements_write_all_times(world: World) -> None:
    record_looks(looks=looks(world, NOW), now=NOW)
    later = NOW + MINUTE
    with CaptureQueriesContext(connection) as asked:
        record_looks(looks=looks(world, later), now=later)
    written = [one["sql"] for one in asked if one["sql"].startswith("UPDATE")]
    assert len(written) == 2
    assert {host.last_seen_at for host in Host.objects.all()} == {later}
    assert {one.seen_at for one in Instance.objects.all()} == {later}


def test_what_changed_is_written_and_nothing_else(world: World) -> None:
    record_looks(looks=looks(world, NOW), now=NOW)
    first, second, third, fourth = looks(world, NOW + MINUTE, running="0.9")
    found = [
        HostLook(first.host_id, first.asked_at, LOST),
        second,
        HostLook(third.host_id, third.asked_at, OursAtFault("Too many open files.")),
        HostLook(fourth.host_id, fourth.asked_at, None, {world.service.pk + 1: ()}),
    ]
    record_looks(looks=found, now=NOW + MINUTE)
    states = {host.name: (host.state, host.last_seen_at) for host in Host.objects.all()}
    assert states == {
        "web-1": (HostState.UNREACHABLE, NOW),
        "web-2": (HostState.OK, NOW + MINUTE),
        "web-3": (HostState.OK, NOW),
        "web-4": (HostState.OK, NOW + MINUTE),
    }
    seen = {one.host.name: (one.seen_version, one.healthy) for one in Instance.objects.all()}
    assert seen["web-2"] == ("0.9", False)
    assert {seen[name] for name in ("web-1", "web-3", "web-4")} == {("1.0", True)}
    assert set(Host.objects.values_list("looked_at", flat=True)) == {NOW + MINUTE}


def test_an_old_look_does_not_overwrite_what_a_rollout_has_seen_since(world: World) -> None:
    asked_at = world.clock()
    world.run("upgrade", world.version("1.1"))
    record_looks(looks=looks(world, asked_at), now=world.clock())
    assert {one.seen_version for one in Instance.objects.all()} == {"1.1"}


def test_a_host_that_was_removed_meanwhile_is_passed_by(world: World) -> None:
    gone = HostLook(10**6, NOW, None, {world.service.pk: ()})
    record_looks(looks=[gone, *looks(world, NOW)], now=NOW)
    assert set(Host.objects.values_list("looked_at", flat=True)) == {NOW}

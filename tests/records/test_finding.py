"""Lists that are asked by words, labels, states and times: the same grammar, on both databases."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from slipway.core.finding.listings import HOSTS, ROLLOUTS, SERVICES, VERSIONS, Listing, ServiceState
from slipway.core.finding.parsing import parse_where
from slipway.core.words.instances import InstanceStatus
from slipway.core.words.roles import Role
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Service
from slipway.records.catalog.queries.services import find_versions, list_services
from slipway.records.fleet.models import Host, HostState, Instance
from slipway.records.fleet.queries import find_hosts, list_hosts
from slipway.records.rollouts.ask.finding import services_where
from slipway.records.rollouts.ask.overview import (
    count_services,
    count_services_by_state,
    find_services,
)
from slipway.records.rollouts.ask.queries import find_rollouts, list_rollouts
from slipway.records.rollouts.operations.locks import lock_service
from slipway.records.rows.finding.asked import Asking
from slipway.records.rows.pages import Bookmark
from tests.records.people import NOW, person
from tests.records.world import World
from tests.standing import made_once

TOP = Bookmark()


@made_once
def standing() -> World:
    """Billing runs on both hosts of prod, where its second release went wrong; shop is locked, and
    the search service has been released nowhere."""
    world = World(hosts=2)
    test = world.make_environment("test", order=1)
    shop, search = world.make_service("shop"), world.make_service("search")
    label(world.service, team="data", tier="1")
    label(shop, team="web")
    label(search, team="data", **{"0": "yes", "a.b/c-d": "", "x__y": "z"})
    label(world.hosts[0], rack="a")
    label(world.hosts[1], rack="b")
    world.make_host("lab-1", test)
    world.run("deploy", world.version("1.0"))
    see(world)
    bad = world.start("upgrade", world.version("2.0"), by=world.boss)
    world.finish(bad, failing=("web-1",), only=("web-1",))
    lock_service(
        service=shop,
        environment=test,
        reason="stocktaking",
        until=None,
        by=world.boss,
        now=world.clock(),
    )
    return world


def label(thing: Service | Host, **labels: str) -> None:
    thing.labels = labels
    thing.save()


def see(world: World) -> None:
    now = world.clock()
    Instance.objects.update(
        status=InstanceStatus.RUNNING,
        healthy=True,
        seen_version="1.0",
        seen_link="1.0",
        seen_at=now,
    )
    Host.objects.filter(name__startswith="web").update(last_seen_at=now)


def asking(text: str, listing: Listing) -> Asking:
    return Asking(parse_where(text, listing), NOW + timedelta(hours=1), me="alice")


def services(world: World, text: str, actor: Actor | None = None) -> list[str]:
    found = find_services(actor or world.boss, asking(text, SERVICES), 50, TOP)
    assert found.total == len(found)
    return [service.name for service in found]


def hosts(world: World, text: str, actor: Actor | None = None) -> list[str]:
    return [host.name for host in find_hosts(actor or world.boss, asking(text, HOSTS), 50, TOP)]


def rollouts(world: World, text: str) -> list[str]:
    found = find_rollouts(world.boss, asking(text, ROLLOUTS), 50, TOP)
    return [rollout.kind for rollout in found]


def versions(world: World, text: str) -> list[str]:
    found = find_versions(world.service, asking(text, VERSIONS), 50, TOP)
    return [version.name for version in found]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["billing", "search", "shop"]),
        ("s h", ["search", "shop"]),
        ("LLIN", ["billing"]),
        ("-s", ["billing"]),
        ("shop,billing", ["billing", "shop"]),
        ("team:data", ["billing", "search"]),
        ("-team:data", ["shop"]),
        ("team:data,web -tier:1", ["search", "shop"]),
        ("team:DATA", []),
        ("by:alice", ["billing"]),
        ("-by:me", ["search", "shop"]),
        ("by:slipway", []),
        ("state:behind", []),
        ("label:tier", ["billing"]),
        ("-label:tier", ["search", "shop"]),
        ("label:0=yes", ["search"]),
        ("label:0", ["search"]),
        ("label:a.b/c-d=", ["search"]),
        ("x__y:z", ["search"]),
        ("env:prod", ["billing"]),
        ("-env:prod", ["search", "shop"]),
        ("language:go shop", ["shop"]),
        ("2h..", ["billing"]),
        ("..2d", []),
        ("2026-11-23..2026-11-23", ["billing"]),
        ("state:attention", ["billing"]),
        ("state:failed", ["billing"]),
        ("state:locked", ["shop"]),
        ("state:running", []),
        ("state:unused", ["search", "shop"]),
        ("state:well", []),
        ("state:unused -state:locked", ["search"]),
        ("team:data state:failed 2h..", ["billing"]),
    ],
)
def test_services_are_found(world: World, text: str, names: list[str]) -> None:
    assert services(world, text) == names
    only = services_where(world.boss, asking(text, SERVICES))
    assert [each.name for each in list_services(world.boss, only=only)] == names


def test_what_instances_are_called_finds_their_service(world: World) -> None:
    Instance.objects.update(status=InstanceStatus.RUNNING, seen_version="1.0", healthy=True)
    wanted = world.service.versions.get(name="1.0")
    Instance.objects.update(version=wanted, seen_version="1.0", seen_link="1.0")
    assert services(world, "state:well") == ["billing"]
    assert services(world, "state:ill,drifted,failed,attention") == []
    Instance.objects.filter(host__name="web-1").update(healthy=False)
    assert services(world, "state:ill") == services(world, "state:attention") == ["billing"]
    assert services(world, "state:drifted") == services(world, "state:well") == []
    Instance.objects.filter(host__name="web-1").update(healthy=True, seen_link="0.9")
    assert services(world, "state:drifted") == ["billing"]
    assert services(world, "state:ill") == []


def test_a_state_finds_as_many_as_are_counted(world: World) -> None:
    world.start("upgrade", world.version("3.0"))
    assert len(services(world, "")) == count_services(world.boss)
    counts = count_services_by_state(world.boss, ServiceState, NOW + timedelta(hours=1))
    for state, count in counts.items():
        assert len(services(world, f"state:{state}")) == count
    assert services(world, "state:running") == ["billing"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["lab-1", "web-1", "web-2"]),
        ("web b-1", ["web-1"]),
        ("192.0.2.11", ["web-2"]),
        ("rack:a", ["web-1"]),
        ("-rack:a", ["lab-1", "web-2"]),
        ("label:rack", ["web-1", "web-2"]),
        ("env:test", ["lab-1"]),
        ("service:billing", ["web-1", "web-2"]),
        ("-service:billing", ["lab-1"]),
        ("state:reachable", ["lab-1", "web-1", "web-2"]),
        ("-state:ok", []),
        ("2h..", ["web-1", "web-2"]),
        ("..2h", []),
    ],
)
def test_hosts_are_found(world: World, text: str, names: list[str]) -> None:
    assert hosts(world, text) == names
    found = list_hosts(world.boss, asking=asking(text, HOSTS))
    assert [host.name for host in found] == names


def test_the_state_of_a_host_is_the_one_it_shows(world: World) -> None:
    Host.objects.filter(name="web-2").update(state=HostState.UNREACHABLE)
    assert hosts(world, "state:unreachable") == ["web-2"]
    assert set(HOSTS.fields["state"] or ()) == {*HostState.values, "reachable"}


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("", ["upgrade", "deploy"]),
        ("state:failed", ["upgrade"]),
        ("state:partial,succeeded", ["upgrade", "deploy"]),
        ("state:active", []),
        ("kind:deploy", ["deploy"]),
        ("bill", ["upgrade", "deploy"]),
        ("2.0", ["upgrade"]),
        ("version:1.0", ["deploy"]),
        ("team:data", ["upgrade", "deploy"]),
        ("-team:data", []),
        ("by:alice", ["deploy"]),
        ("by:slipway", []),
        ("-by:alice", ["upgrade"]),
        ("by:me", ["deploy"]),
        ("-by:me", ["upgrade"]),
        ("by:me,bob", ["upgrade", "deploy"]),
        ("host:web-2 env:prod service:billing", ["upgrade", "deploy"]),
        ("host:lab-1", []),
        ("team:data state:failed 2h..", ["upgrade"]),
        ("..2h", []),
    ],
)
def test_rollouts_are_found(world: World, text: str, kinds: list[str]) -> None:
    assert rollouts(world, text) == kinds
    found = list_rollouts(world.boss, asking=asking(text, ROLLOUTS))
    assert [rollout.kind for rollout in found] == kinds


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["2.0", "1.0"]),
        ("1.", ["1.0"]),
        ("-1.", ["2.0"]),
        ("state:ready", ["2.0", "1.0"]),
        ("-state:success", []),
        ("by:alice 2h..", ["2.0", "1.0"]),
        ("by:me", ["2.0", "1.0"]),
        ("ref:main", []),
        ("-commit:abc", ["2.0", "1.0"]),
    ],
)
def test_versions_are_found(world: World, text: str, names: list[str]) -> None:
    assert versions(world, text) == names


def test_only_what_one_may_see_counts(world: World) -> None:
    dora = person("dora", (Role.VIEWER, "shop", ""))
    assert services(world, "", dora) == ["shop"]
    assert services(world, "state:attention", dora) == []
    eva = person("eva", (Role.VIEWER, "", "test"))
    assert services(world, "state:failed,unused", eva) == services(world, "", eva)
    assert hosts(world, "service:billing", eva) == []
    fay = person("fay", (Role.VIEWER, "billing", "prod"))
    assert hosts(world, "192.0.2", fay) == []


LONG = " ".join(["team:data", "-tier:2", "state:ill,drifted,attention,well", "2h..", "env:prod"])


def test_what_is_asked_costs_no_query_for_each_row(world: World) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            find_services(world.boss, asking(LONG, SERVICES), 2, TOP)
        return len(asked)

    before = cost()
    for number in range(5):
        label(world.make_service(f"more-{number}"), team="data")
    assert cost() == before <= 4


def test_what_instances_are_called_is_looked_at_once(world: World) -> None:
    with CaptureQueriesContext(connection) as asked:
        find_services(world.boss, asking("state:ill -state:drifted -state:ill", SERVICES), 2, TOP)
    assert len([each for each in asked if "seen_drift" in each["sql"]]) == 1

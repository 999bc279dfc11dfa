"""Who manages one environment reaches no machine of another, by whatever name they call it."""

from typing import Any

import pytest

from slipway.core.words.roles import Role
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Environment, Host, HostCheck, HostState, SshKey
from slipway.records.fleet.operations import checks, environments, hosts, keys
from slipway.records.fleet.operations.hosts import MachineElsewhere
from tests.records.people import NOW, person
from tests.records.test_sightings import FACTS
from tests.records.world import World
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def standing() -> World:
    """Two hosts of prod, at addresses of their own, with host keys of their own."""
    made = World(hosts=2)
    for number, host in enumerate(made.hosts, start=1):
        Host.objects.filter(pk=host.pk).update(
            address=f"Web-{number}.prod.example.com", host_key=f"ssh-ed25519 {number}"
        )
    return made


@pytest.fixture
def dev(world: World) -> Environment:
    return environments.create_environment(name="dev", by=world.boss, now=NOW)


def mallory() -> Actor:
    """Admin of dev, and of nothing else."""
    return person("mallory", (Role.ADMIN, "", "dev"))


def key_of(world: World, dev: Environment) -> SshKey:
    """The key of dev: an admin over everything made it, and its first host."""
    first = Host.objects.filter(name="first-of-dev").first()
    if first is None:
        key = keys.generate_key(name="dev", by=world.boss, now=NOW)
        first = hosts.add_host(
            name="first-of-dev",
            address="10.9.9.1",
            environment=dev,
            key=key,
            by=world.boss,
            now=NOW,
        )
    return first.key


def add(world: World, dev: Environment, **said: Any) -> Host:
    asked: dict[str, Any] = {"name": "mine", "address": "10.9.9.9"} | said
    return hosts.add_host(environment=dev, key=key_of(world, dev), by=mallory(), now=NOW, **asked)


def learn(host: Host, host_key: str, by: Actor | None = None) -> HostCheck:
    checks.request_checks(hosts=[host], learn_key=True, by=by or mallory(), now=NOW)
    (check,) = checks.claim_checks(worker="w", limit=1, now=NOW)
    checks.finish_check(check=check, facts=FACTS, host_key=host_key, problem=None, now=NOW)
    host.refresh_from_db()
    return HostCheck.objects.get(pk=check.id)


@pytest.mark.parametrize("address", ["Web-1.prod.example.com", "web-1.PROD.example.com"])
def test_an_address_of_another_environment_is_refused(
    world: World, dev: Environment, address: str
) -> None:
    with pytest.raises(MachineElsewhere) as refused:
        add(world, dev, address=address)
    assert "prod" not in refused.value.message.removeprefix("The machine behind mine")
    assert add(world, dev, address=address, port=2222)


def test_nor_is_it_reached_by_a_change(world: World, dev: Environment) -> None:
    host = add(world, dev)
    with pytest.raises(MachineElsewhere):
        hosts.change_host(
            host=host, changes={"address": "web-2.prod.example.com"}, by=mallory(), now=NOW
        )
    assert Host.objects.get(pk=host.pk).address == "10.9.9.9"


def test_by_another_name_its_host_key_gives_it_away(world: World, dev: Environment) -> None:
    host = add(world, dev, address="another-name.example.com")
    check = learn(host, "ssh-ed25519 2")
    assert (check.ok, check.code) == (False, "machine_elsewhere")
    assert (host.host_key, host.facts, host.state) == ("", {}, HostState.UNREACHABLE)


def test_a_machine_of_its_own_is_learnt(world: World, dev: Environment) -> None:
    host = add(world, dev)
    assert learn(host, "ssh-ed25519 3").ok
    assert host.host_key == "ssh-ed25519 3"


def test_two_addresses_in_one_environment_are_its_own_affair(world: World) -> None:
    first = world.hosts[0]
    again = hosts.add_host(
        name="again",
        address="web-1.alias.example.com",
        environment=first.environment,
        key=first.key,
        by=world.boss,
        now=NOW,
    )
    assert learn(again, "ssh-ed25519 1", world.boss).ok

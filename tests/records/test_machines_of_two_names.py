"""A machine is one host: two names of it would overwrite each other's units."""

from typing import Any

import pytest
from django.utils import timezone

from slipway.interfaces.doctor.findings import findings
from slipway.records.fleet.models import Host
from slipway.records.fleet.operations import hosts
from slipway.records.fleet.operations.hosts import HostExists
from tests.records.people import NOW
from tests.records.world import World
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def standing() -> World:
    return World(hosts=2)


def add(world: World, **said: Any) -> Host:
    first = world.hosts[0]
    asked = {"name": "twin", "address": first.address.upper()} | said
    return hosts.add_host(
        environment=world.environment, key=first.key, by=world.boss, now=NOW, **asked
    )


def test_an_address_that_is_known_is_no_second_host(world: World) -> None:
    with pytest.raises(HostExists, match="is known as") as refused:
        add(world)
    assert world.hosts[0].name in refused.value.message
    assert refused.value.field == "address"
    assert add(world, port=2222).port == 2222  # another sshd, as of a container


def test_nor_does_a_host_become_another_ones_machine(world: World) -> None:
    first, second = world.hosts
    with pytest.raises(HostExists, match=first.name):
        hosts.change_host(host=second, changes={"address": first.address}, by=world.boss, now=NOW)
    # What stays as it is is no reason to refuse anything else.
    Host.objects.filter(pk=second.pk).update(address=first.address)
    hosts.change_host(
        host=Host.objects.get(pk=second.pk), changes={"labels": {"a": "b"}}, by=world.boss, now=NOW
    )


def test_one_host_key_under_two_names_is_found_by_the_doctor(world: World) -> None:
    first, second = world.hosts
    Host.objects.filter(pk=first.pk).update(host_key="ssh-ed25519 1")
    Host.objects.filter(pk=second.pk).update(host_key="ssh-ed25519 2")
    assert twins() == (True, "Every host has a host key of its own.")
    Host.objects.update(host_key="ssh-ed25519 1")
    ok, told = twins()
    assert not ok
    assert f"{first.name}, {second.name}" in told
    Host.objects.update(host_key="")
    assert twins()[0]


def twins() -> tuple[bool, str]:
    found = next(each for each in findings(timezone.now()) if each.code == "twins")
    return found.ok, found.said.english

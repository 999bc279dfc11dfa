"""Environments, keys, hosts and instances: what may be said of them, and what was seen."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from django.db import IntegrityError, transaction

from slipway.core.hosts.facts import HostFacts
from slipway.core.reading.inventory.reading import parse_hosts
from slipway.core.words.refusal import Forbidden, Invalid, NotFound
from slipway.core.words.roles import Role
from slipway.records.audit.models import Event
from slipway.records.fleet import queries
from slipway.records.fleet.models import Environment, Host, HostState, SshKey
from slipway.records.fleet.operations import environments, hosts, imports, keys
from slipway.records.fleet.operations.environments import EnvironmentExists
from slipway.records.fleet.operations.hosts import HostExists, HostInUse
from slipway.records.fleet.operations.keys import KeyExists
from tests.records.people import NOW, alice, bob, person
from tests.records.world import World

pytestmark = pytest.mark.django_db

FACTS = HostFacts(
    os="Debian 12", arch="x86_64", cpus=2, memory=2**30, disk_total=2**34, disk_free=2**33,
    inodes_free=10**6, root_writable=True, systemd=True, can_become_root=True, tools=("tar",),
)  # fmt: skip


@pytest.fixture
def world() -> World:
    return World(hosts=2)


# --- environments --------------------------------------------------------------------------------


def test_an_environment_has_careful_defaults() -> None:
    made = environments.create_environment(name="prod", order=30, by=bob(), now=NOW)
    assert (made.batches, made.bake_time) == ("1 25%", timedelta(0))
    assert made.progress_deadline == timedelta(minutes=10)
    assert made.automatic_rollback


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Prod!"},
        {"batches": "half"},
        {"batches": " ".join(["+1"] * 50)},
        {"max_unavailable": "150%"},
        {"failure_budget": "-1"},
        {"approvals_needed": -1},
        {"approvals_needed": 1},
        {"approvals_needed": True},
        {"order": 2**40},
        {"bake_time": timedelta(days=8)},
        {"progress_deadline": 1},
        {"freeze_windows": {}},
        {"freeze_windows": [{"from": "yesterday", "until": "today"}]},
        {"freeze_windows": [{"from": "2026-12-24T00:00", "until": "2026-12-25T00:00"}]},
        {"freeze_windows": [{"from": "2026-12-25T00:00Z", "until": "2026-12-24T00:00Z"}]},
        {"automatic_rollback": "yes"},
        {"colour": "red"},
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(wrong: dict[str, object]) -> None:
    asked: dict[str, object] = {"name": "prod"} | wrong
    with pytest.raises(Invalid):
        environments.create_environment(by=bob(), now=NOW, **asked)  # type: ignore[arg-type]


def test_an_environment_is_there_once_and_made_by_admins(world: World) -> None:
    with pytest.raises(EnvironmentExists):
        world.make_environment("prod")
    with pytest.raises(Forbidden):
        environments.create_environment(name="test", by=alice(), now=NOW)
    with pytest.raises(NotFound):
        queries.get_environment("test")
    with pytest.raises(IntegrityError), transaction.atomic():
        Environment.objects.filter(name="prod").update(name="Not Plain")


# --- keys ----------------------------------------------------------------------------------------


def pem(key: ed25519.Ed25519PrivateKey | dsa.DSAPrivateKey, passphrase: str = "") -> str:
    lock = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    form = (
        PrivateFormat.OpenSSH if isinstance(key, ed25519.Ed25519PrivateKey) else PrivateFormat.PKCS8
    )
    return key.private_bytes(Encoding.PEM, form, lock).decode()


def test_a_key_is_checked_and_only_its_public_half_is_told() -> None:
    private = pem(ed25519.Ed25519PrivateKey.generate())
    key = keys.add_key(name="default", private_key=private, by=bob(), now=NOW)
    assert key.public_key.startswith("ssh-ed25519 AAAA")
    assert SshKey.objects.get().private_key.startswith("-----BEGIN OPENSSH PRIVATE KEY-----")
    assert "PRIVATE" not in str(Event.objects.values_list("after", flat=True).get())
    with pytest.raises(KeyExists):
        keys.generate_key(name="default", by=bob(), now=NOW)


def test_a_key_with_a_passphrase_needs_it() -> None:
    private = pem(ed25519.Ed25519PrivateKey.generate(), "open sesame")
    with pytest.raises(Invalid):
        keys.add_key(name="default", private_key=private, by=bob(), now=NOW)
    keys.add_key(name="default", private_key=private, passphrase="open sesame", by=bob(), now=NOW)


@pytest.mark.parametrize("text", ["", "hello", "ssh-ed25519 AAAA public", "x" * 40_000, "\0", "é"])
def test_what_is_no_private_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        keys.add_key(name="default", private_key=text, by=bob(), now=NOW)
    assert not text or text not in refused.value.message + refused.value.hint


def test_a_dsa_key_is_refused() -> None:
    private = pem(dsa.generate_private_key(1024))
    with pytest.raises(Invalid, match="any more"):
        keys.add_key(name="default", private_key=private, by=bob(), now=NOW)


# --- hosts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "-oProxyCommand=touch x"},
        {"name": "a b"},
        {"address": "-oProxyCommand=touch x"},
        {"address": "10.0.0.1; id"},
        {"address": "$(id)"},
        {"port": 0},
        {"port": 2**31},
        {"user": "-l root"},
        {"user": "a b"},
        {"root": "relative"},
        {"root": "/"},
        {"root": "/opt/../etc"},
        {"root": "/opt/$(id)"},
        {"become": "magic"},
        {"labels": {"a b": "x"}},
    ],
)
def test_a_host_that_could_become_a_command_is_refused(
    world: World, wrong: dict[str, object]
) -> None:
    asked: dict[str, object] = {"name": "web-9", "address": "192.0.2.9"} | wrong
    key = SshKey.objects.get()
    with pytest.raises(Invalid):
        hosts.add_host(environment=world.environment, key=key, by=bob(), now=NOW, **asked)  # type: ignore[arg-type]


def test_a_host_is_there_once(world: World) -> None:
    with pytest.raises(HostExists, match="web-1"):
        world.make_host("web-1")
    for wrong in ({"port": 0}, {"state": "odd"}, {"become": "magic"}, {"name": "-x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Host.objects.filter(name="web-1").update(**wrong)


def test_a_host_at_another_address_is_another_host(world: World) -> None:
    host = world.hosts[0]
    hosts.change_host(host=host, changes={"labels": {"rack": "a"}}, by=bob(), now=NOW)
    assert Host.objects.get(pk=host.pk).host_key
    hosts.change_host(host=host, changes={"address": "192.0.2.99"}, by=bob(), now=NOW)
    changed = Host.objects.get(pk=host.pk)
    assert (changed.host_key, changed.state) == ("", HostState.UNKNOWN)


def test_a_host_with_instances_neither_goes_nor_moves(world: World) -> None:
    world.run("deploy", world.version("1.0"), "web-1")
    with pytest.raises(HostInUse):
        hosts.remove_host(host=world.hosts[0], by=bob(), now=NOW)
    with pytest.raises(HostInUse):
        hosts.change_host(host=world.hosts[0], changes={"root": "/srv"}, by=bob(), now=NOW)
    hosts.remove_host(host=world.hosts[1], by=bob(), now=NOW)
    assert [host.name for host in queries.list_hosts(bob())] == ["web-1"]


def test_hosts_are_found_by_environment_label_and_name(world: World) -> None:
    hosts.change_host(
        host=world.hosts[1], changes={"labels": {"rack": "a", "x__y": "z"}}, by=bob(), now=NOW
    )

    def found(**by: str) -> list[str]:
        return [host.name for host in queries.list_hosts(bob(), **by)]  # type: ignore[arg-type]

    assert found(label="rack") == ["web-2"]
    assert found(label="rack=a") == ["web-2"]
    assert found(label="rack=b") == []
    assert found(label="x__y=z") == ["web-2"]
    assert found(search="EB-1") == ["web-1"]
    assert found(environment="test") == []
    dora = person("dora", (Role.VIEWER, "", "test"))
    assert list(queries.list_hosts(dora)) == []
    with pytest.raises(NotFound):
        queries.get_host("web-1", dora)


def test_access_holds_the_decrypted_key_and_does_not_show_it(world: World) -> None:
    access = queries.get_access(world.hosts[0])
    assert "PRIVATE KEY" in access.private_key
    assert "PRIVATE" not in repr(access)


def test_an_import_adds_what_is_new_and_names_what_is_wrong(world: World) -> None:
    rows = ("web-1,10.0.0.1,prod", "web-7,10.0.0.7,prod", "web-8,-x,prod", "web-9,10.0.0.9,moon")
    text = "\n".join(("name,address,environment", *rows))
    report = imports.import_hosts(
        entries=parse_hosts(text, "hosts.csv"), by=bob(), now=NOW, user="deploy"
    )
    assert (report.added, report.skipped) == (("web-7",), ("web-1",))
    assert [problem.english.split(":")[0] for problem in report.problems] == ["web-8", "web-9"]
    assert Host.objects.get(name="web-7").user == "deploy"

"""A key is used where a host uses it already: who manages dev gets nowhere with the key of prod."""

from importlib import import_module
from json import dumps
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from slipway.core.words.refusal import NotFound
from slipway.core.words.roles import Role
from slipway.records.accounts.rights import Actor
from slipway.records.audit.models import Event
from slipway.records.fleet.models import Environment, Host, KeyGrant, SshKey
from slipway.records.fleet.operations import hosts, keys
from tests.records.people import NOW, person, user_of
from tests.records.world import World
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def standing() -> World:
    """A host of prod with the key `default`, one of dev with the key `dev`."""
    made = World(hosts=1)
    dev = made.make_environment("dev")
    key = keys.generate_key(name="dev", by=made.boss, now=NOW)
    hosts.add_host(
        name="dev-1", address="10.9.9.1", environment=dev, key=key, by=made.boss, now=NOW
    )
    return made


def mallory() -> Actor:
    return person("mallory", (Role.ADMIN, "", "dev"))


def sent(method: str, path: str, **body: Any) -> tuple[int, str]:
    client = Client()
    client.force_login(user_of(mallory()))
    answer = client.generic(
        method, f"/api/v1/{path}", data=dumps(body), content_type="application/json"
    )
    return answer.status_code, answer.content.decode()


def test_a_host_is_not_added_with_it(world: World) -> None:
    asked = {"name": "mine", "address": "10.9.9.9", "environment": "dev"}
    foreign = sent("POST", "hosts", **asked, key="default")
    assert foreign[0] == 404
    assert sent("POST", "hosts", **asked, key="nope")[1].replace("nope", "default") == foreign[1]
    assert sent("POST", "hosts", **asked, key="dev")[0] == 201


def test_nor_is_one_given_it(world: World) -> None:
    foreign = sent("PATCH", "hosts/dev-1", key="default")
    assert foreign[0] == 404
    assert sent("PATCH", "hosts/dev-1", key="nope")[1].replace("nope", "default") == foreign[1]
    assert Host.objects.get(name="dev-1").key.name == "dev"


@pytest.mark.parametrize(
    "text",
    ["name,address,key\nmine,10.9.9.9,{}\n", "name,address,key\ndev-1,10.9.9.1,{}\n"],
    ids=["a new one", "one that is there"],
)
@pytest.mark.parametrize("update", [True, False])
def test_nor_does_a_file_name_it(world: World, text: str, update: bool) -> None:
    foreign, missing = (
        sent(
            "POST",
            "hosts/import",
            text=text.format(name),
            filename="hosts.csv",
            environment="dev",
            key="dev",
            update=update,
        )[1].replace(name, "KEY")
        for name in ("default", "nope")
    )
    assert foreign == missing
    assert "There is no key KEY" in foreign
    assert not Host.objects.filter(environment__name="dev", key__name="default").exists()


def test_nor_does_it_stand_in_for_a_file(world: World) -> None:
    said = {"text": "name,address\nmine,10.9.9.9\n", "filename": "h.csv", "environment": "dev"}
    assert sent("POST", "hosts/import", **said, key="default")[0] == 404
    report = sent("POST", "hosts/import", **said)[1]  # `default` is what is not said
    assert "There is no key default" in report
    assert not Host.objects.filter(name="mine").exists()


def test_nor_does_a_host_bring_its_key_along(world: World) -> None:
    both = person("pat", (Role.ADMIN, "", "dev"), (Role.ADMIN, "", "prod"))
    host, dev = Host.objects.get(name="web-1"), Environment.objects.get(name="dev")
    with pytest.raises(NotFound, match="no key default"):
        hosts.change_host(host=host, changes={"environment": dev}, by=both, now=NOW)
    key = SshKey.objects.get(name="dev")
    moved = {"environment": dev, "key": key}
    assert hosts.change_host(host=host, changes=moved, by=both, now=NOW).key == key


def test_an_admin_over_everything_brings_it_there(world: World) -> None:
    key, dev = SshKey.objects.get(name="default"), Environment.objects.get(name="dev")
    hosts.add_host(
        name="dev-2", address="10.9.9.2", environment=dev, key=key, by=world.boss, now=NOW
    )
    asked = {"name": "mine", "address": "10.9.9.9", "environment": "dev", "key": "default"}
    assert sent("POST", "hosts", **asked)[0] == 201


def test_a_file_does_not_tell_which_environments_there_are(world: World) -> None:
    hidden, missing = (
        sent(
            "POST",
            "hosts/import",
            text=f"name,address,environment\nmine,10.9.9.9,{name}\n",
            filename="hosts.csv",
            key="dev",
        )[1].replace(name, "PLACE")
        for name in ("prod", "nope")
    )
    assert hidden == missing


# --- granted by a word of its own ----------------------------------------------------------------


def boss_sends(world: World, method: str, path: str, **body: Any) -> int:
    client = Client()
    client.force_login(user_of(world.boss))
    answer = client.generic(
        method, f"/api/v1/{path}", data=dumps(body), content_type="application/json"
    )
    return answer.status_code


def test_granted_it_is_for_the_admins_there_and_taken_back_no_more(world: World) -> None:
    asked = {"name": "mine", "address": "10.9.9.9", "environment": "dev", "key": "default"}
    assert sent("POST", "keys/default/environments", environment="dev")[0] == 403
    assert sent("POST", "hosts", **asked)[0] == 404
    assert boss_sends(world, "POST", "keys/default/environments", environment="dev") == 200
    assert sent("POST", "hosts", **asked)[0] == 201
    assert boss_sends(world, "DELETE", "keys/default/environments/dev") == 409  # it is used
    Host.objects.filter(name="mine").delete()
    assert sent("DELETE", "keys/default/environments/dev")[0] == 403
    assert boss_sends(world, "DELETE", "keys/default/environments/dev") == 200
    assert sent("POST", "hosts", **asked)[0] == 404
    told = Event.objects.filter(verb__startswith="key.", thing_name="default", environment="dev")
    assert [(event.verb, event.by_name) for event in told.order_by("pk")] == [
        ("key.granted", "bob"),
        ("key.revoked", "bob"),
    ]


def test_it_is_not_granted_by_hosts_that_are_gone(world: World) -> None:
    key, dev = SshKey.objects.get(name="default"), Environment.objects.get(name="dev")
    keys.grant_key(key=key, environment=dev, by=world.boss, now=NOW)
    keys.grant_key(key=key, environment=dev, by=world.boss, now=NOW)
    assert Event.objects.filter(verb="key.granted", thing_name="default").count() == 2  # prod, dev
    keys.revoke_key(key=key, environment=dev, by=world.boss, now=NOW)
    with pytest.raises(keys.NotGranted):
        keys.revoke_key(key=key, environment=dev, by=world.boss, now=NOW)


def test_the_page_of_an_environment_shows_and_grants_them(world: World) -> None:
    mine, boss = Client(), Client()
    mine.force_login(user_of(mallory()))
    boss.force_login(user_of(world.boss))
    page = mine.get("/environments/dev").content.decode()
    assert "Admins over everything grant keys." in page
    assert "default" not in page
    assert mine.post("/environments/dev/keys", {"key": "default"}).status_code == 403
    assert mine.post("/environments/dev/keys/dev/revoke").status_code == 403
    assert "<option>default</option>" in boss.get("/environments/dev").content.decode()
    boss.post("/environments/dev/keys", {"key": "default"})
    assert "/environments/dev/keys/default/revoke" in boss.get("/environments/dev").content.decode()
    boss.post("/environments/dev/keys/default/revoke")
    assert "keys/default/revoke" not in boss.get("/environments/dev").content.decode()


def test_what_hosts_used_before_there_were_grants_is_granted(world: World) -> None:
    KeyGrant.objects.all().delete()
    migration = import_module("slipway.records.fleet.migrations.0010_key_grants")
    for _again in range(2):
        migration.grant_what_is_used(apps, None)
    assert set(KeyGrant.objects.values_list("key__name", "environment__name")) == {
        ("default", "prod"),
        ("dev", "dev"),
    }

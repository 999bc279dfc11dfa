"""Hosts of a file: what would be done is shown, what is there is changed only when asked, and what
the file says besides is named."""

import base64
from typing import Any

import pytest

from slipway.records.audit.models import Event
from slipway.records.fleet.models import Host, KeyGrant
from tests.interfaces.people import Person, person

INI = """[web]
new-1 ansible_host=10.9.0.1 ansible_port=2222
new-2 ansible_host=10.9.0.2 ansible_ssh_common_args='-J bastion'
[web:vars]
ansible_user=deploy
"""


def imported(by: Person, text: str, **more: Any) -> dict[str, Any]:
    body = {"text": text, "filename": "hosts.ini", "environment": "prod", **more}
    answer = by.post("/hosts/import", body)
    assert answer.status_code == 200, answer.content
    report: dict[str, Any] = answer.json()
    return report


def test_a_dry_run_shows_what_would_be_and_makes_nothing(root: Person) -> None:
    hosts, events = Host.objects.count(), Event.objects.count()
    report = imported(root, INI, dry_run=True)
    assert (report["added"], report["dry_run"]) == (["new-1", "new-2"], True)
    assert report["hosts"][0] == {
        "action": "add",
        "name": "new-1",
        "address": "10.9.0.1",
        "port": 2222,
        "user": "deploy",
        "root": "/opt/slipway",
        "become": "none",
        "environment": "prod",
        "key": "default",
        "labels": {"web": ""},
    }
    assert report["left_out"] == [
        "Line 3: ansible_ssh_common_args is left out: hosts are reached directly, without jump host"
        " or proxy."
    ]
    assert (Host.objects.count(), Event.objects.count()) == (hosts, events)
    assert imported(root, INI)["added"] == report["added"]
    assert Host.objects.count() == hosts + 2


def test_what_an_import_leaves_as_it_is_grants_no_key(root: Person) -> None:
    root.post("/keys", {"name": "other"})
    known = Host.objects.get(name="web-1")
    for text in (
        f"web-1 ansible_host={known.address} ansible_port={known.port}\n",
        f"its-twin ansible_host={known.address} ansible_port={known.port}\n",
    ):
        report = imported(root, text, key="other")
        assert (report["added"], report["changed"]) == ([], []), report
    assert not KeyGrant.objects.filter(key__name="other").exists()
    assert imported(root, "new-1 ansible_host=10.9.0.1\n", key="other")["added"] == ["new-1"]
    assert KeyGrant.objects.get(key__name="other").environment.name == "prod"


def test_what_stands_in_counts_where_the_file_says_nothing(root: Person) -> None:
    text = "new-1\nnew-2 ansible_user=app ansible_become=no\n"
    stand_in = {"user": "deploy", "become": "sudo", "root": "/srv/x", "labels": {"rack": "a"}}
    report = imported(root, text, **stand_in)
    found = [(each["user"], each["become"], each["root"]) for each in report["hosts"]]
    assert found == [("deploy", "sudo", "/srv/x"), ("app", "none", "/srv/x")]
    assert report["hosts"][1]["labels"] == {"rack": "a"}


def test_who_is_reached_as_root_for_want_of_a_name_is_told(root: Person) -> None:
    report = imported(root, "new-1\nnew-2 ansible_user=app\n")
    assert report["left_out"] == [
        "No user is named for new-1: root is used. Name one in the file, or for all of them."
    ]


def test_a_known_host_stays_unless_it_is_to_be_changed(root: Person) -> None:
    root.post("/hosts", {"name": "old", "address": "10.8.0.1", "environment": "prod"})
    text = "old ansible_host=10.8.0.2 ansible_user=app\n"
    report = imported(root, text)
    assert (report["skipped"], report["changed"]) == (["old"], [])
    assert "old is there already and stays as it is: the file says address 10.8.0.2." in str(report)
    assert root.get("/hosts/old").json()["address"] == "10.8.0.1"
    assert imported(root, text, update=True, dry_run=True)["changed"] == ["old"]
    assert root.get("/hosts/old").json()["address"] == "10.8.0.1"
    changed = imported(root, text, update=True)
    assert (changed["changed"], changed["hosts"][0]["action"]) == (["old"], "change")
    host = root.get("/hosts/old").json()
    assert (host["address"], host["user"]) == ("10.8.0.2", "app")
    assert Event.objects.filter(verb="host.changed", thing_name="old").exists()
    again = imported(root, text, update=True)
    assert (again["skipped"], again["left_out"]) == (["old"], [])


def test_nothing_of_a_host_one_may_not_see_is_told_or_changed(root: Person) -> None:
    wanda = person("wanda", ("admin", "", "prod"))
    root.post("/hosts", {"name": "far", "address": "10.8.0.1", "environment": "dev"})
    report = imported(wanda, "far ansible_host=10.8.0.9\n", update=True)
    assert (report["skipped"], report["changed"], report["left_out"]) == ([], [], [])
    (problem,) = report["problems"]  # it is not passed over: she has no such host now
    assert "The name far is taken by something that you may not see" in str(problem)
    assert "10.8.0.1" not in str(report)
    assert Host.objects.get(name="far").address == "10.8.0.1"


def test_another_name_of_a_known_machine_makes_no_second_host(root: Person) -> None:
    root.post("/hosts", {"name": "one", "address": "10.8.0.1", "environment": "prod"})
    report = imported(root, "two ansible_host=10.8.0.1 ansible_user=x\n")
    assert (report["added"], report["skipped"]) == ([], ["two"])
    assert report["left_out"] == ["two is another name of one: 10.8.0.1, port 22. It is one host."]


BEHIND = "two ansible_host=10.8.0.1 ansible_ssh_common_args='-J bastion'\n"


def test_what_is_behind_a_jump_host_is_not_the_machine_that_has_its_address(root: Person) -> None:
    root.post("/hosts", {"name": "one", "address": "10.8.0.1", "environment": "prod"})
    root.post("/hosts", {"name": "two", "address": "10.8.0.2", "environment": "prod"})
    problem = (
        "Which machine 10.8.0.1, port 22 is depends on its jump host, and that address is known "
        "already. Networks with addresses of their own cannot be imported yet. Give the machine an "
        "address at which Slipway reaches it directly."
    )
    for name, more in (("three", {}), ("two", {"update": True})):
        report = imported(root, BEHIND.replace("two", name), **more)
        assert (report["added"], report["changed"], report["skipped"]) == ([], [], [])
        assert report["problems"] == [f"{name}: {problem}"]
    assert Host.objects.get(name="two").address == "10.8.0.2"


def test_nor_is_it_one_of_another_environment(root: Person) -> None:
    wanda = person("wanda", ("admin", "", "prod"))
    root.post("/hosts", {"name": "one", "address": "10.8.0.1", "environment": "dev"})
    report = imported(wanda, BEHIND)
    assert report["added"] == []
    assert report["problems"][0].startswith("two: Which machine 10.8.0.1, port 22 is depends on")
    assert "one" not in report["problems"][0].split()


def test_of_an_address_with_several_ways_each_host_is_told(root: Person) -> None:
    text = BEHIND + BEHIND.replace("two", "three").replace("bastion", "other") + "new-1\n"
    report = imported(root, text)
    assert report["added"] == ["new-1"]
    for name in ("two", "three"):
        said = f"{name} is left out: which machine 10.8.0.1, port 22 is depends on the jump host"
        assert said in str(report["left_out"])


def test_bytes_of_a_spreadsheet_are_read_and_their_encoding_told(root: Person) -> None:
    table = "主机名,地址,备注\r\nnew-1,10.9.0.1,测试环境\r\n".encode("gbk")
    body = {"content": base64.b64encode(table).decode(), "filename": "hosts.csv"}
    report = root.post("/hosts/import", {**body, "environment": "prod", "user": "app"}).json()
    assert (report["format"], report["encoding"], report["added"]) == ("csv", "gb18030", ["new-1"])
    assert report["left_out"] == ["The column 备注 is left out."]


def test_what_the_programs_said_is_taken(root: Person) -> None:
    said = "host new-1\nhostname 10.9.0.1\nport 2222\nuser app\nproxyjump bastion\n"
    report = imported(root, said, filename="config", format="ssh-g")
    assert report["hosts"][0]["address"] == "10.9.0.1"
    assert report["left_out"][0].startswith("new-1: proxyjump is left out: hosts are reached")


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": "a", "content": "YQ=="},
        {"content": "a"},
        {"content": "/w==", "encoding": "utf-8"},
        {"content": "YQ==", "encoding": "klingon"},
        {"text": "a", "format": "toml"},
        {"text": "a", "become": "su"},
        {"text": "a", "root": "x"},
        {"text": "a", "labels": {"-": "b"}},
        {"text": "a", "updates": True},
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_or_its_hosts_are(
    root: Person, wrong: dict[str, Any]
) -> None:
    answer = root.post("/hosts/import", {"filename": "hosts", "environment": "prod", **wrong})
    assert answer.status_code == 422 or answer.json()["problems"], answer.content
    assert not Host.objects.filter(name="a").exists()

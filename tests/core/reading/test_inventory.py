"""Hosts are read from the files that people have: CSV, Ansible inventories, SSH configs."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.reading.inventory.entries import HostEntry
from slipway.core.reading.inventory.reading import parse_hosts
from slipway.core.words.refusal import Invalid

CSV = """name,address,port,user,environment,labels
web-1,10.0.0.11,22,deploy,prod,rack=a;zone=1
web-2,10.0.0.12,,deploy,prod,
"""
INI = """
# from the old days
lonely.example.com ansible_host=10.0.0.9

[web]
web[01:03] ansible_port=2222
web-x ansible_host=10.0.0.20 ansible_user='deploy'

[db]
db1 ansible_host=10.0.1.1 ansible_become=true

[prod:children]
web
db

[web:vars]
ansible_user=web

[all:vars]
ansible_port=22
"""
YAML = """
all:
  hosts:
    mail: {ansible_host: 10.0.0.1}
  children:
    web:
      hosts:
        web-1: {ansible_host: 10.0.0.11, ansible_port: 2222}
        web-2:
      vars: {ansible_user: deploy}
  vars: {ansible_user: root}
"""
SSH = """
Host web-1 web-2
    HostName %h.example.com
    User deploy
Host db
    HostName=10.0.1.1
    Port 2222
Host *
    User admin
    Port 22
"""


def by_name(text: str, filename: str) -> dict[str, HostEntry]:
    return {entry.name: entry for entry in parse_hosts(text, filename)}


@pytest.mark.parametrize("filename", ["hosts.csv", "hosts"])
def test_reads_csv(filename: str) -> None:
    hosts = by_name(CSV, filename)
    assert hosts["web-1"] == HostEntry(
        "web-1",
        "10.0.0.11",
        22,
        "deploy",
        environment="prod",
        labels={"rack": "a", "zone": "1"},
    )
    assert hosts["web-2"].port == 0


@pytest.mark.parametrize("filename", ["hosts.ini", "hosts", "inventory"])
def test_reads_an_ansible_inventory(filename: str) -> None:
    hosts = by_name(INI, filename)
    assert list(hosts) == ["lonely.example.com", "web01", "web02", "web03", "web-x", "db1"]
    assert hosts["web02"] == HostEntry("web02", "", 2222, "web", labels={"prod": "", "web": ""})
    assert hosts["web-x"].user == "deploy"
    assert hosts["web-x"].port == 22
    assert hosts["db1"].become == "sudo"
    assert hosts["lonely.example.com"].address == "10.0.0.9"


@pytest.mark.parametrize("filename", ["hosts.yml", "hosts"])
def test_reads_an_ansible_inventory_in_yaml(filename: str) -> None:
    hosts = by_name(YAML, filename)
    assert hosts["mail"] == HostEntry("mail", "10.0.0.1", 0, "root")
    assert hosts["web-1"] == HostEntry("web-1", "10.0.0.11", 2222, "deploy", labels={"web": ""})
    assert hosts["web-2"].user == "deploy"


def test_reads_an_ssh_config() -> None:
    hosts = by_name(SSH, "config")
    assert list(hosts) == ["web-1", "web-2", "db"]
    assert hosts["web-1"] == HostEntry("web-1", "web-1.example.com", 22, "deploy")
    assert hosts["db"] == HostEntry("db", "10.0.1.1", 2222, "admin")


def test_a_host_that_is_named_twice_is_one() -> None:
    hosts = by_name("[a]\nx ansible_host=10.0.0.1\n[b]\nx ansible_user=u\n", "i.ini")
    assert hosts["x"] == HostEntry("x", "10.0.0.1", 0, "u", labels={"a": "", "b": ""})


@pytest.mark.parametrize(
    ("text", "filename"),
    [
        ("", "hosts.csv"),
        ("", "hosts"),
        ("address\n10.0.0.1\n", "hosts.csv"),
        ("name,colour\nx,red\n", "hosts.csv"),
        ("name,port\nx,99999\n", "hosts.csv"),
        ("name,port\nx,zwei\n", "hosts.csv"),
        ("web[1:99999999] a=b\n", "hosts.ini"),
        ("web 'unclosed\n", "hosts.ini"),
        ("all: [a, b]\n", "hosts.yml"),
        ("all: &a\n  children: {x: *a}\n", "hosts.yml"),
        ("all: {hosts: {x: {ansible_port: -1}}}\n", "hosts.yml"),
        (": : :\n- [", "hosts.yml"),
        ("!!python/object/apply:os.system ['true']", "hosts.yml"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(text: str, filename: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_hosts(text, filename)
    assert refused.value.message


@given(st.text(max_size=300), st.sampled_from(["h.csv", "h.ini", "h.yml", "config", "h"]))
def test_any_text_is_hosts_or_a_refusal(text: str, filename: str) -> None:
    with suppress(Invalid):
        assert parse_hosts(text, filename)


RANGES = "".join(f"h{number}-[0:9999]\n" for number in range(300))
AGAIN = "".join(f"[g{number}]\nh-[0:9999]\n" for number in range(300))
MANY = "all:\n  children:\n" + "".join(f"    g{n}: {{hosts: {{h: }}}}\n" for n in range(50_001))


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "filename", "said"),
    [
        (RANGES, "hosts.ini", "More than 10000 hosts at once."),
        (AGAIN, "hosts.ini", "The file names hosts more than 50000 times."),
        (MANY, "hosts.yaml", "h has more than 200 labels and groups."),
        ("[" * 500_000, "hosts.yml", "Groups are nested too deeply."),
        ("all: {hosts: &h {a: }, children: {b: {hosts: *h}}}", "h.yml", "Aliases (*name) are not"),
    ],
)
def test_a_few_lines_do_not_become_millions(text: str, filename: str, said: str) -> None:
    began = time.process_time()
    with pytest.raises(Invalid) as refused:
        parse_hosts(text, filename)
    assert refused.value.message.startswith(said)
    assert time.process_time() - began < 10


def test_many_blocks_for_everybody_cost_each_host_one_look() -> None:
    blocks = "".join(f"Host *\n  User u{number}\n" for number in range(20_000))
    hosts = "".join(f"Host h{number}\n" for number in range(5_000))
    began = time.process_time()
    entries = parse_hosts(hosts + blocks, "config")
    assert {entry.user for entry in entries} == {"u0"}
    assert time.process_time() - began < 5


def test_variables_of_a_group_reach_the_hosts_of_the_groups_in_it() -> None:
    text = """
all:
  hosts: {web-1: , web-2: }
  children:
    old: {hosts: {web-1: }, vars: {ansible_user: deploy}}
    range: {hosts: {"db[1:2]": }, vars: {ansible_port: "2222"}}
  vars: {ansible_become: "true"}
"""
    entries = {entry.name: entry for entry in parse_hosts(text, "hosts.yml")}
    assert {name: (e.user, e.port, e.become) for name, e in entries.items()} == {
        "web-1": ("deploy", 0, "sudo"),
        "web-2": ("", 0, "sudo"),
        "db1": ("", 2222, "sudo"),
        "db2": ("", 2222, "sudo"),
    }

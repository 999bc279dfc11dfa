"""One address behind two jump hosts is not taken for one machine: that is told, host by host."""

import json
import time

import pytest

from slipway.core.reading.inventory.reading import HostList, parse_hosts
from slipway.core.words.refusal import Invalid

MANY = 3000

SSH = """Host east
  HostName 10.0.0.5
  ProxyJump a.example.com
Host west
  HostName 10.0.0.5
  ProxyJump b.example.com
"""
SSH_ANSWERS = """host east
hostname 10.0.0.5
port 22
proxyjump a.example.com
host west
hostname 10.0.0.5
port 22
proxyjump b.example.com
"""
PROXY_COMMANDS = SSH.replace("ProxyJump ", "ProxyCommand ssh -W %h:%p ")
ORIGINAL_NAME = """Host east west
  HostName 10.0.0.5
  ProxyCommand ssh -W %h:%p gateway-of-%n
"""
INI = """east ansible_host=10.0.0.5 ansible_ssh_common_args='-J a.example.com'
west ansible_host=10.0.0.5 ansible_ssh_common_args='-J b.example.com'
"""
GROUPS = """[first]
east ansible_host=10.0.0.5
[second]
west ansible_host=10.0.0.5
[first:vars]
ansible_ssh_common_args=-o ProxyCommand="ssh -W %h:%p a.example.com"
[second:vars]
ansible_ssh_common_args=-o ProxyCommand="ssh -W %h:%p b.example.com"
"""
TEMPLATE = """[all]
east ansible_host=10.0.0.5 bastion=a.example.com
west ansible_host=10.0.0.5 bastion=b.example.com
[all:vars]
ansible_ssh_common_args='-J {{ bastion }}'
"""
YAML = """all:
  hosts:
    east: {ansible_host: 10.0.0.5, ansible_ssh_extra_args: -oProxyJump=a.example.com}
    west: {ansible_host: 10.0.0.5, ansible_ssh_extra_args: -oProxyJump=b.example.com}
"""


def ansible_list(east: object, west: object) -> str:
    own = {"east": east, "west": west}
    hostvars = {
        name: {"ansible_host": "10.0.0.5", "ansible_ssh_common_args": way}
        for name, way in own.items()
    }
    return json.dumps({"_meta": {"hostvars": hostvars}, "all": {"hosts": list(own)}})


LIST = ansible_list("-J a.example.com", "-J b.example.com")
VAULT = ansible_list({"__ansible_vault": ""}, {"__ansible_vault": ""})


def said_of(hosts: HostList) -> list[str]:
    return [each.english for each in hosts.left_out if "which machine" in each.english]


def told(name: str, other: str) -> str:
    return (
        f"{name} is left out: which machine 10.0.0.5, port 22 is depends on the jump host, and "
        f"{other} is reached by another way. Networks with addresses of their own cannot be "
        "imported yet."
    )


@pytest.mark.parametrize(
    ("text", "filename", "format"),
    [
        (SSH, "config", ""),
        (SSH_ANSWERS, "config", "ssh-g"),
        (PROXY_COMMANDS, "config", ""),
        (ORIGINAL_NAME, "config", ""),
        (INI, "hosts.ini", ""),
        (GROUPS, "hosts.ini", ""),
        (TEMPLATE, "hosts.ini", ""),
        (YAML, "hosts.yml", ""),
        (LIST, "hosts.ini", "ansible-inventory"),
        (VAULT, "hosts.ini", "ansible-inventory"),
    ],
)
def test_two_ways_to_one_address_are_told_and_neither_is_taken(
    text: str, filename: str, format: str
) -> None:
    with pytest.raises(Invalid) as refused:
        parse_hosts(text, filename, format)
    assert told("east", "west") in refused.value.message
    assert told("west", "east") in refused.value.message


def test_what_is_reached_directly_is_taken_wherever_it_stands() -> None:
    for text in (
        f"{SSH}Host here\n  HostName 10.0.0.5\n",
        f"Host here\n  HostName 10.0.0.5\n{SSH}",
    ):
        hosts = parse_hosts(text, "config")
        assert [host.name for host in hosts] == ["here"]
        assert len(said_of(hosts)) == 2


def test_the_others_of_the_file_are_taken() -> None:
    hosts = parse_hosts(f"{SSH}Host db\n  HostName 10.0.0.6\n  ProxyJump a.example.com\n", "config")
    assert [host.name for host in hosts] == ["db"]


def test_two_names_behind_one_jump_host_are_one_machine() -> None:
    hosts = parse_hosts(SSH.replace("b.example.com", "a.example.com"), "config")
    assert [host.name for host in hosts] == ["east"]
    assert "west is another name of east" in str([each.english for each in hosts.left_out])


def test_arguments_that_name_no_jump_host_make_no_other_machine() -> None:
    first = "a ansible_host=10.0.0.5 ansible_ssh_common_args='-o ControlMaster=no'"
    hosts = parse_hosts(f"{first}\nb ansible_host=10.0.0.5\n", "hosts.ini")
    assert [host.name for host in hosts] == ["a"]
    assert said_of(hosts) == []


def test_as_many_ways_as_hosts_cost_no_more_than_the_hosts() -> None:
    text = "".join(f"Host h{n}\n  HostName 10.0.0.5\n  ProxyJump j{n}\n" for n in range(MANY))
    began = time.process_time()
    hosts = parse_hosts(f"{text}Host here\n", "config")
    assert [host.name for host in hosts] == ["here"]
    assert time.process_time() - began < 2

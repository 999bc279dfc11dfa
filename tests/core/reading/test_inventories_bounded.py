"""A small inventory cannot make large work, and what no program would take is refused."""

import time

import pytest

from slipway.core.reading.inventory.entries import MOST_NOTES
from slipway.core.reading.inventory.reading import parse_hosts
from slipway.core.words.refusal import Invalid

STARS = "*a" * 200
CHAIN = "".join(f"[g{n}:children]\ng{n + 1}\n" for n in range(300)) + "[g300]\nh\n"


@pytest.mark.parametrize(
    ("text", "filename", "said"),
    [
        ("h[0:999]x[0:999]", "h.ini", "More than 10000 hosts at once."),
        ("h[0:9999]x[5:1]", "h.ini", "“h[0:9999]x[5:1]” is not a range of hosts."),
        ("[x]\nh\n[x:nonsense]\n", "h.ini", "Line 3 is not an inventory line."),
        ("[x:vars]\na=b\n", "h.ini", "Line 1: there is no group x in the file."),
        ("[x:children]\ny\n", "h.ini", "Line 2: there is no group y in the file."),
        ("[a:children]\nb\n[b:children]\na\n", "h.ini", "The group a lies within itself."),
        ("[a:children]\na\n", "h.ini", "The group a lies within itself."),
        ("[a:children]\nall\n", "h.ini", "The group all lies within itself."),
        (CHAIN, "h.ini", "g201 has more than 200 labels and groups."),
        ("plugin: aws_ec2\n", "h.yml", "These are the settings of an inventory plugin"),
        ('{"_meta": 1}', "h.json", "This is not what `ansible-inventory --list` says."),
        ('{"_meta": {}' + "[" * 100_000, "h.json", "This is not what `ansible-inventory"),
        ("Host a\n User 'x\n", "config", "Line 2: a quote is not closed."),
        ("Host a\n Port no\n", "config", "There are no hosts in config that can be taken. a is"),
    ],
)
def test_is_refused(text: str, filename: str, said: str) -> None:
    began = time.process_time()
    with pytest.raises(Invalid) as refused:
        parse_hosts(text, filename)
    assert refused.value.message.startswith(said)
    assert time.process_time() - began < 5


def test_many_patterns_for_many_hosts_are_refused_before_they_are_tried() -> None:
    hosts = "".join(f"Host h{number}\n" for number in range(5_000))
    patterns = "".join(f"Host x{number}*\n  User u\n" for number in range(5_000))
    with pytest.raises(Invalid) as refused:
        parse_hosts(hosts + patterns, "config")
    assert refused.value.message == "The file has too many patterns for its hosts."


def test_a_pattern_of_many_stars_costs_its_length() -> None:
    began = time.process_time()
    assert parse_hosts(f"Host {'a' * 120}\nHost {STARS}b\n  User u\n", "config")[0].user == ""
    assert time.process_time() - began < 1


def test_of_many_things_left_out_some_are_named_and_the_others_counted() -> None:
    text = "h1\n" + "".join(f"h2 v{number}=1\n" for number in range(MOST_NOTES + 5))
    said = parse_hosts(text, "h.ini").left_out
    assert len(said) == MOST_NOTES + 1
    assert said[-1].english == "5 more are left out."


def test_no_value_of_a_variable_is_told() -> None:
    text = (
        "h1 ansible_password=hunter2 ansible_ssh_common_args='-o ProxyCommand=hunter2' k=hunter2\n"
    )
    assert "hunter2" not in str(
        [sentence.as_json() for sentence in parse_hosts(text, "i").left_out]
    )

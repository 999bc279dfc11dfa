"""Hosts as `ansible-inventory --list` says them: variables are at their hosts, templates and
encrypted values as they were written."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from slipway.core.reading.inventory.ansible.groups import Inventory
from slipway.core.reading.inventory.ansible.values import BETWEEN, Said, note_variable
from slipway.core.reading.inventory.left_out import ENCRYPTED, NO_TEXT
from slipway.core.words.refusal import Invalid


def read_list(text: str) -> Inventory:
    """Return what the program said. Raises Invalid."""
    document = _object(_parsed(text))
    variables = _object(_object(document.get("_meta")).get("hostvars"))
    inventory = Inventory()
    said = {
        host: {name: _value(value) for name, value in _object(own).items()}
        for host, own in variables.items()
    }
    _note(inventory, said)
    for group, content in document.items():
        if group == "_meta":
            continue
        inventory.add_group(group)
        for child in _texts(_object(content).get("children")):
            inventory.add_child(group, child)
        for host in _texts(_object(content).get("hosts")):
            inventory.add_host(host, group, said.get(host, {}))
    return inventory


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid("This is not what `ansible-inventory --list` says.") from error


def _object(value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Invalid("This is not what `ansible-inventory --list` says.")
    return value


def _texts(value: object) -> Iterator[str]:
    if not isinstance(value, list | None):
        raise Invalid("This is not what `ansible-inventory --list` says.")
    for each in value or ():
        if not isinstance(each, str):
            raise Invalid("This is not what `ansible-inventory --list` says.")
        yield each


def _note(inventory: Inventory, said: Mapping[str, Mapping[str, Said]]) -> None:
    """Tell of each variable once, with its hosts; of what stands between, host by host."""
    hosts: defaultdict[str, list[str]] = defaultdict(list)
    for host, own in said.items():
        for name, value in own.items():
            if name not in BETWEEN:
                hosts[name].append(host)
            elif value.text:
                note_variable(inventory.notes, host, name)
    for name, having in hosts.items():
        note_variable(inventory.notes, ", ".join(having), name)


def _value(value: object) -> Said:
    match value:
        case {"__ansible_vault": _}:
            return Said("", wrong=ENCRYPTED)
        case {"__ansible_unsafe": str(text)}:
            return Said(text)
        case None:
            return Said("")
        case bool() | int() | float() | str():
            return Said.of(str(value))
    return Said("", wrong=NO_TEXT)

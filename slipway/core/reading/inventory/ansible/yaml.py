"""Hosts of an Ansible inventory in YAML form."""

from collections.abc import Iterator, Mapping

import yaml

from slipway.core.reading.inventory import left_out
from slipway.core.reading.inventory.ansible.groups import Inventory
from slipway.core.reading.inventory.ansible.values import Said, note_variable
from slipway.core.reading.inventory.left_out import ENCRYPTED, NO_TEXT
from slipway.core.reading.inventory.ranges import expand, split_port
from slipway.core.words.documents import no_aliases
from slipway.core.words.refusal import Invalid

# Nodes are read, no values are made of them. The one made of C, where it is: a megabyte takes the
# other a minute.
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
DEEPEST = 64  # levels; Ansible's groups lie one inside the other, by threes
DEEPEST_GROUP = 16
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})

Keys = Mapping[str, tuple[yaml.Node, yaml.Node]]


def read_yaml(text: str) -> Inventory:
    """Return what an inventory in YAML form says. Raises Invalid."""
    try:
        _refuse_clever(text)
        document = yaml.compose(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Invalid("This is not YAML.", hint="Check it with a YAML linter.") from error
    inventory = Inventory()
    groups = _keys(document, inventory)
    if "plugin" in groups:
        raise Invalid(
            "These are the settings of an inventory plugin, and no hosts.",
            hint="Import what `ansible-inventory --list` says of it.",
        )
    for name, (_key, group) in groups.items():
        _read_group(inventory, name, group, depth=0)
    return inventory


def _refuse_clever(text: str) -> None:
    """Read it as events first, which take no more than they are long. Raises Invalid."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise no_aliases()
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise Invalid("Groups are nested too deeply.")


def _read_group(inventory: Inventory, name: str, node: yaml.Node, depth: int) -> None:
    if depth > DEEPEST_GROUP:
        raise Invalid("Groups are nested too deeply.")
    variables = inventory.add_group(name).variables
    parts = _keys(node, inventory)
    for part, (key, _content) in parts.items():
        if part not in ("hosts", "children", "vars"):
            inventory.notes.tell(left_out.setting(_line(key), part))
    variables |= _variables(inventory, parts, "vars")
    for pattern, (_key, content) in _part(inventory, parts, "hosts").items():
        said = dict(_said(inventory, _keys(content, inventory)))
        names, port = split_port(pattern)
        shown_port = Said(port, _line(_key)) if port else None
        for host in expand(names):
            inventory.add_host(host, name, said, shown_port)
    for child, (_key, content) in _part(inventory, parts, "children").items():
        _read_group(inventory, child, content, depth + 1)
        inventory.add_child(name, child)


def _variables(inventory: Inventory, parts: Keys, part: str) -> dict[str, Said]:
    return dict(_said(inventory, _part(inventory, parts, part)))


def _part(inventory: Inventory, parts: Keys, part: str) -> Keys:
    if part not in parts:
        return {}
    key, node = parts[part]
    if isinstance(node, yaml.ScalarNode) and not _is_null(node):
        return {node.value: (node, yaml.ScalarNode("", "", key.start_mark, key.end_mark))}
    return _keys(node, inventory)


def _said(inventory: Inventory, variables: Keys) -> Iterator[tuple[str, Said]]:
    for name, (key, node) in variables.items():
        note_variable(inventory.notes, _line(key), name)
        yield name, _value(node)


def _value(node: yaml.Node) -> Said:
    if node.tag == "!vault":
        return Said("", _line(node), ENCRYPTED)
    if not isinstance(node, yaml.ScalarNode):
        return Said("", _line(node), NO_TEXT)
    return Said.of("" if _is_null(node) else node.value, _line(node))


def _keys(node: yaml.Node | None, inventory: Inventory) -> Keys:
    """Return the keys of a mapping with their nodes. Raises Invalid where it is none."""
    if node is None or _is_null(node):
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise Invalid("The inventory should be groups with hosts, children and vars.")
    keys: dict[str, tuple[yaml.Node, yaml.Node]] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise Invalid("Line {line}: a key should be a text.", line=_line(key))
        if key.value in keys:
            inventory.notes.tell(left_out.second_key(_line(key), key.value))
        keys[key.value] = (key, value)
    return keys


def _is_null(node: yaml.Node) -> bool:
    is_plain = isinstance(node, yaml.ScalarNode) and not node.style
    return is_plain and node.value in _NULLS


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1

"""Groups of groups, and whose variables count: as Ansible puts an inventory together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from slipway.core.reading.inventory.ansible.values import PRIORITY, Said, host_of
from slipway.core.reading.inventory.entries import HostEntry, Notes, check_label_count, counted
from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid

ALL, UNGROUPED = "all", "ungrouped"


@dataclass(slots=True)
class AnsibleGroup:
    variables: dict[str, Said] = field(default_factory=dict)
    parents: dict[str, None] = field(default_factory=dict)

    @property
    def priority(self) -> int:
        text = self.variables[PRIORITY].text if PRIORITY in self.variables else ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1


@dataclass(slots=True)
class AnsibleHost:
    variables: dict[str, Said] = field(default_factory=dict)
    groups: dict[str, None] = field(default_factory=dict)


class Inventory:
    """What an inventory says, while it is read: hosts, groups, and their variables."""

    def __init__(self) -> None:
        self.notes = Notes()
        self.groups: dict[str, AnsibleGroup] = {ALL: AnsibleGroup(), UNGROUPED: AnsibleGroup()}
        self._hosts: dict[str, AnsibleHost] = {}
        self._mentions = 0

    def add_group(self, name: str) -> AnsibleGroup:
        return self.groups.setdefault(name, AnsibleGroup())

    def add_child(self, parent: str, child: str) -> None:
        self.add_group(parent)
        if child in (ALL, parent):
            raise _circle(child)
        if parent != ALL:
            self.add_group(child).parents[parent] = None

    def add_host(
        self, name: str, group: str, said: Mapping[str, Said], port: Said | None = None
    ) -> None:
        """Put a host into a group; what is said of it later counts more. Raises Invalid."""
        self._mentions = counted(self._mentions, self._hosts, name)
        if name not in self._hosts:
            self._hosts[name] = AnsibleHost({"ansible_port": port} if port else {})
        host = self._hosts[name]
        host.variables.update(said)
        host.groups[group] = None
        check_label_count(name, len(host.groups))

    def entries(self) -> Iterator[HostEntry]:
        """Yield the hosts with what their groups say of them. Raises Invalid."""
        tree = _Tree(self.groups)
        for name, host in self._hosts.items():
            groups = tree.above(name, host.groups)
            said = {**self.groups[ALL].variables}
            for group in groups:
                said |= self.groups[group].variables
            labels = tuple(group for group in groups if group != UNGROUPED)
            entry = host_of(name, said | host.variables, labels, self.notes)
            if entry:
                yield entry


class _Tree:
    """Which groups a host of a group is in, and how deep each lies below `all`."""

    def __init__(self, groups: Mapping[str, AnsibleGroup]) -> None:
        self._groups = groups
        self._above: dict[str, frozenset[str]] = {}
        self._depth: dict[str, int] = {}
        for name in _parents_first(groups):
            parents = groups[name].parents
            above = frozenset[str]().union(parents, *(self._above[each] for each in parents))
            check_label_count(name, len(above))
            self._above[name] = above
            self._depth[name] = 1 + max((self._depth[each] for each in parents), default=0)

    def above(self, host: str, direct: Mapping[str, None]) -> list[str]:
        """Return all groups of a host but `all`, those whose variables count more at the end."""
        own = direct.keys() - {ALL, UNGROUPED} or {UNGROUPED}
        mine = own.union(*(self._above[group] for group in own))
        check_label_count(host, len(mine))
        return sorted(mine, key=lambda each: (self._depth[each], self._groups[each].priority, each))


def _parents_first(groups: Mapping[str, AnsibleGroup]) -> list[str]:
    missing = {name: len(group.parents) for name, group in groups.items()}
    children: dict[str, list[str]] = {name: [] for name in groups}
    for name, group in groups.items():
        for parent in group.parents:
            children[parent].append(name)
    ready = [name for name, count in missing.items() if not count]
    for name in ready:  # grows while it is read
        for child in children[name]:
            missing[child] -= 1
            if not missing[child]:
                ready.append(child)
    if len(ready) < len(groups):
        raise _circle(next(name for name, count in missing.items() if count))
    return ready


def _circle(group: str) -> Invalid:
    return Invalid("The group {group} lies within itself.", group=shown(group))

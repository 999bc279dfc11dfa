"""Instances host by host, each as small as can be: where there are many, that is all of a page."""

from collections.abc import Iterable
from typing import NamedTuple

from slipway.interfaces.web.shown.matrix import instance_tick
from slipway.records.fleet.instance_facts import InstanceFacts


class PortCell(NamedTuple):
    """An instance on its host, as small as can be; `version` is "" where all have the same."""

    id: int
    port: int
    mark: str
    title: str
    version: str


class HostCell(NamedTuple):
    """What runs on one host of an environment."""

    host: str
    ports: tuple[PortCell, ...]


def hosts_of(instances: Iterable[InstanceFacts], *, names_versions: bool) -> tuple[HostCell, ...]:
    """Return instances host by host; `names_versions`: with what each should run."""
    found: dict[str, list[PortCell]] = {}
    for each in sorted(instances, key=lambda each: (each.host, each.port)):
        tick = instance_tick(each)
        version = each.version_name if names_versions else ""
        cell = PortCell(each.id, each.port, tick.mark, tick.title, version)
        found.setdefault(each.host, []).append(cell)
    return tuple(HostCell(host, tuple(cells)) for host, cells in found.items())

"""Many hosts at once, from a file of another tool."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from slipway.core.host_entry import HostEntry
from slipway.core.names import shown
from slipway.core.refusal import Invalid, Refused
from slipway.records.accounts.actors import Actor
from slipway.records.fleet.models import Environment, Host, SshKey
from slipway.records.fleet.operations.hosts import add_host


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of each host, by name; `problems` are sentences."""

    added: tuple[str, ...]
    skipped: tuple[str, ...]  # known already
    problems: tuple[str, ...]


@transaction.atomic
def import_hosts(
    *,
    entries: Sequence[HostEntry | Mapping[str, Any]],
    by: Actor,
    now: datetime,
    environment: Environment | str | None = None,
    key: SshKey | str | None = None,
    user: str = "",
) -> ImportReport:
    """Add the hosts that are not known yet; one that is refused does not hold up the others.

    `environment`, `key` (things or their names) and `user` stand in where an entry says nothing.
    """
    known = set(Host.objects.values_list("name", flat=True))
    environments = {each.name: each for each in Environment.objects.all()}
    keys = {each.name: each for each in SshKey.objects.defer("private_key")}
    added, skipped, problems = [], [], []
    for entry in entries:
        said = asdict(entry) if isinstance(entry, HostEntry) else dict(entry)
        name = str(said.get("name", ""))
        if name in known:
            skipped.append(name)
            continue
        try:
            with transaction.atomic():
                add_host(
                    name=name,
                    address=said.get("address") or name,
                    port=said.get("port") or 22,
                    user=said.get("user") or user or "root",
                    root=said.get("root") or "",
                    become=said.get("become") or "none",
                    environment=_named("environment", said, environments, environment),
                    key=_named("key", said, keys, key or "default"),
                    labels=said.get("labels") or {},
                    by=by,
                    now=now,
                )
        except Refused as refused:
            problems.append(f"{shown(name)}: {refused.message}")
        else:
            known.add(name)
            added.append(name)
    return ImportReport(tuple(added), tuple(skipped), tuple(problems))


def _named(what: str, said: Mapping[str, Any], known: Mapping[str, Any], otherwise: Any) -> Any:
    name = str(said.get(what) or otherwise or "")
    if name not in known:
        raise Invalid("There is no {what} {name}.", what=what, name=shown(name) or "given for it")
    return known[name]

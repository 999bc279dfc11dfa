"""Many hosts at once, from a file of another tool."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from slipway.core.reading.inventory.entries import HostEntry
from slipway.core.reading.inventory.left_out import other_name
from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid, Refused
from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Environment, Host, SshKey
from slipway.records.fleet.operations.hosts import (
    DEFAULT_ROOT,
    HostExists,
    MachineElsewhere,
    add_host,
    change_host,
)
from slipway.records.fleet.operations.keys import may_use_key
from slipway.records.fleet.queries import list_environments, no_key
from slipway.records.rows.texts import called

DEFAULT_USER = "root"
DEFAULT_KEY = "default"


@dataclass(frozen=True, slots=True)
class StandIn:
    """What counts where an entry says nothing; labels are given to every host."""

    environment: Environment | str | None = None
    key: SshKey | str | None = None
    user: str = ""
    become: str = ""
    root: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of each host, by name; `problems` and `notes` are sentences.

    `planned`: what is done (add, change), and the host as it is, or would be.
    """

    added: tuple[str, ...]
    skipped: tuple[str, ...]  # known already
    problems: tuple[Sentence, ...]
    changed: tuple[str, ...] = ()
    notes: tuple[Sentence, ...] = ()
    planned: tuple[tuple[str, Host], ...] = ()


@transaction.atomic
def import_hosts(  # noqa: PLR0913 - how to import, and what stands in
    *,
    entries: Sequence[HostEntry | Mapping[str, Any]],
    by: Actor,
    now: datetime,
    environment: Environment | str | None = None,
    key: SshKey | str | None = None,
    user: str = "",
    become: str = "",
    root: str = "",
    labels: Mapping[str, str] | None = None,
    update: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    """Add the hosts that are not known yet; one that is refused does not hold up the others.

    With `update`, known hosts get what the file says of them. With `dry_run` all is tried and told,
    and nothing is kept.
    """
    stand_in = StandIn(environment, key, user, become, root, labels or {})
    run = _Import(stand_in, update=update, by=by, now=now)
    for entry in entries:
        run.take(asdict(entry) if isinstance(entry, HostEntry) else dict(entry))
    report = run.report()
    if dry_run:
        transaction.set_rollback(True)
    return report


class _Import:
    def __init__(self, stand_in: StandIn, *, update: bool, by: Actor, now: datetime) -> None:
        self._stand_in = stand_in
        self._update, self._by, self._now = update, by, now
        hosts = Host.objects.select_related("environment", "key")
        # What one may not see is met as a name that is taken, where it is added.
        self._known = {host.name: host for host in hosts if self._sees(host)}
        self._machines = {_machine(host): host for host in hosts}
        self._environments = {each.name: each for each in list_environments(by)}
        self._keys = {each.name: each for each in SshKey.objects.defer("private_key")}
        self._added: dict[str, Host] = {}
        self._changed: dict[str, Host] = {}
        self._skipped: list[str] = []
        self._problems: list[Sentence] = []
        self._notes: list[Sentence] = []
        self._without_user: list[str] = []

    def _sees(self, host: Host) -> bool:
        return self._by.may(Action.VIEW, environment=host.environment.name)

    def take(self, said: Mapping[str, Any]) -> None:
        name = str(said.get("name", ""))
        try:
            with transaction.atomic():
                if name in self._known:
                    self._meet(self._known[name], said)
                else:
                    self._add(name, said)
        except Refused as refused:
            self._problems.append(_problem(name, refused))

    def report(self) -> ImportReport:
        notes = [*self._notes]
        if self._without_user:
            notes.append(_no_user(self._without_user))
        return ImportReport(
            added=tuple(self._added),
            skipped=tuple(self._skipped),
            problems=tuple(self._problems),
            changed=tuple(self._changed),
            notes=tuple(notes),
            planned=(
                *(("add", host) for host in self._added.values()),
                *(("change", host) for host in self._changed.values()),
            ),
        )

    def _add(self, name: str, said: Mapping[str, Any]) -> None:
        fields = self._fields(name, said)
        twin = self._machines.get(
            (fields["environment"].pk, fields["address"].lower(), fields["port"])
        )
        if twin is not None and twin.name not in self._added and not said.get("via"):
            self._skipped.append(name)
            self._notes.append(other_name(name, twin.name, twin.address, twin.port))
            return
        with _told_of_its_way(said):
            host = add_host(name=name, **fields, by=self._by, now=self._now)
        self._known[name] = self._added[name] = host
        if not (said.get("user") or self._stand_in.user):
            self._without_user.append(name)

    def _meet(self, host: Host, said: Mapping[str, Any]) -> None:
        """Leave a known host as it is, or give it what the file says."""
        if host.name in self._added:
            return
        changes = self._changes(host, said)
        if changes and self._update:
            with _told_of_its_way(said):
                change_host(host=host, changes=changes, by=self._by, now=self._now)
            self._changed[host.name] = host
            return
        self._skipped.append(host.name)
        self._notes.extend(_kept(host, key, value) for key, value in changes.items())

    def _changes(self, host: Host, said: Mapping[str, Any]) -> dict[str, Any]:
        given = {key: said[key] for key in ("address", "port", "user", "root") if said.get(key)}
        if said.get("become"):
            given["become"] = said["become"]
        if said.get("environment"):
            given["environment"] = _named("environment", said, self._environments, "")
        if said.get("key"):
            given["key"] = self._key(said, "", given.get("environment", host.environment))
        labels = {**host.labels, **(said.get("labels") or {}), **self._stand_in.labels}
        return {
            key: value
            for key, value in {**given, "labels": labels}.items()
            if value != getattr(host, key)
        }

    def _fields(self, name: str, said: Mapping[str, Any]) -> dict[str, Any]:
        other = self._stand_in
        environment = _named("environment", said, self._environments, other.environment)
        self._by.require(Action.MANAGE_HOST, environment=environment.name)
        return {
            "address": said.get("address") or name,
            "port": said.get("port") or 22,
            "user": said.get("user") or other.user or DEFAULT_USER,
            "root": said.get("root") or other.root or DEFAULT_ROOT,
            "become": said.get("become") or other.become or "none",
            "environment": environment,
            "key": self._key(said, other.key or DEFAULT_KEY, environment),
            "labels": {**(said.get("labels") or {}), **other.labels},
        }

    def _key(
        self, said: Mapping[str, Any], otherwise: SshKey | str, environment: Environment
    ) -> SshKey:
        """Return the key that is named; it is granted when a host is written that uses it."""
        name = str(said.get("key") or otherwise)
        if name not in self._keys or not may_use_key(self._keys[name], environment, self._by):
            raise no_key(name)
        return self._keys[name]


@contextmanager
def _told_of_its_way(said: Mapping[str, Any]) -> Iterator[None]:
    """Whether an address is another host's machine, nobody knows of one behind a jump host."""
    try:
        yield
    except (HostExists, MachineElsewhere) as refused:
        if refused.field != "address" or not said.get("via"):
            raise
        raise HostExists(
            "Which machine {address}, port {port} is depends on its jump host, and that address is"
            " known already. Networks with addresses of their own cannot be imported yet.",
            hint="Give the machine an address at which Slipway reaches it directly.",
            address=shown(str(said.get("address") or said.get("name", ""))),
            port=said.get("port") or 22,
        ) from refused


def _machine(host: Host) -> tuple[int, str, int]:
    return host.environment_id, host.address.lower(), host.port


def _no_user(names: Sequence[str]) -> Sentence:
    return Sentence.of(
        "no_user",
        "No user is named for {hosts}: {user} is used.",
        hint="Name one in the file, or for all of them.",
        hosts=shown(", ".join(names), 400),
        user=DEFAULT_USER,
    )


def _kept(host: Host, what: str, value: object) -> Sentence:
    return Sentence.of(
        "kept",
        "{host} is there already and stays as it is: the file says {what} {value}.",
        hint="Import it again with update, and it is changed.",
        host=host.name,
        what=what,
        value=shown(_plain(value)),
    )


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={text}" if text else str(key) for key, text in value.items())
    return str(getattr(value, "name", value))


def _problem(name: str, refused: Refused) -> Sentence:
    why = refused.sentence
    said = {**dict(why.values), "host": shown(name), "why": why}
    return Sentence.of(why.code, "{host}: {why}", hint=why.hint, **said)


def _named(what: str, said: Mapping[str, Any], known: Mapping[str, Any], otherwise: Any) -> Any:
    name = str(said.get(what) or otherwise or "")
    if name not in known:
        raise Invalid(
            "There is no {what} {name}.",
            what=called(what),
            name=shown(name) or Sentence.of("given", "given for it"),
        )
    return known[name]

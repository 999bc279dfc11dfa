"""Questions about environments, hosts and instances."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from slipway.core.hosts.access import HostAccess
from slipway.core.hosts.drift_words import read_kept
from slipway.core.hosts.place_status import (
    WELL,
    PlaceFacts,
    PlaceStatus,
    runs_well,
    status_of_place,
)
from slipway.core.words.instances import InstanceStatus
from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid, NotFound
from slipway.core.words.roles import Action
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.finding import hosts_asked_for
from slipway.records.fleet.known_hosts import CheckFacts, KnownHost
from slipway.records.fleet.models import Environment, Host, HostCheck, Instance, SshKey
from slipway.records.fleet.narrow import without_long
from slipway.records.fleet.reach import machines_seen_by
from slipway.records.rows.facts import read_as
from slipway.records.rows.finding.asked import Asking
from slipway.records.rows.finding.labels import unknown_labels
from slipway.records.rows.pages import BY_NAME, Bookmark, Page, Stretch, whole
from slipway.records.rows.texts import is_storable


def list_environments(actor: Actor | None = None) -> Sequence[Environment]:
    """Return those that `actor` may see, in their order: dev before test before prod."""
    found = Environment.objects.order_by("order", "name")
    return [each for each in found if not actor or actor.may(Action.VIEW, environment=each.name)]


def get_environment(name: str) -> Environment:
    """Raises NotFound."""
    found = Environment.objects.filter(name=name).first() if is_storable(name) else None
    if found is None:
        raise _no_environment(name)
    return found


def visible_environment(name: str, actor: Actor) -> Environment:
    """Return the environment. Raises NotFound, word for word alike whether `actor` may not see it
    or it is not there."""
    if not actor.may(Action.VIEW, environment=name):
        raise _no_environment(name)
    return get_environment(name)


def _no_environment(name: str) -> NotFound:
    return NotFound(
        "There is no environment {environment}.",
        hint="Make it first, or look at the list of environments.",
        environment=shown(name),
    )


def count_hosts(actor: Actor) -> dict[int, int]:
    """Return how many hosts of each environment `actor` may see, by its id."""
    seen = Host.objects.filter(actor.visible(environment="environment__name"))
    counted = seen.values_list("environment").annotate(Count("pk")).order_by()
    return dict(counted)


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """A key by its public half, and where hosts may be opened by it."""

    name: str
    public_key: str
    created_at: datetime
    environments: tuple[str, ...]

    @classmethod
    def of(cls, key: SshKey) -> Self:
        return cls(key.name, key.public_key, key.created_at, tuple(environments_of(key)))


def list_keys() -> Sequence[SshKey]:
    """Return the keys without their private halves, with the environments they are granted to."""
    keys = SshKey.objects.defer("private_key").select_related("created_by")
    return list(keys.prefetch_related("grants__environment").order_by("name"))


def list_keys_for(actor: Actor) -> list[str]:
    """Return the names of the keys that `actor` may give a host somewhere."""
    keys = list_keys()
    if actor.may(Action.MANAGE_HOST):
        return [key.name for key in keys]
    return [
        key.name
        for key in keys
        if any(actor.may(Action.MANAGE_HOST, environment=each) for each in environments_of(key))
    ]


def environments_of(key: SshKey) -> list[str]:
    """Return where hosts may be opened by `key`."""
    return sorted(grant.environment.name for grant in key.grants.all())


def keys_of(environment: str) -> list[str]:
    """Return the keys that hosts there may be opened by."""
    granted = SshKey.objects.filter(grants__environment__name=environment).order_by("name")
    return list(granted.values_list("name", flat=True))


def get_key(name: str) -> SshKey:
    """Return the key without its private half. Raises NotFound."""
    keys = SshKey.objects.defer("private_key")
    found = keys.filter(name=name).first() if is_storable(name) else None
    if found is None:
        raise no_key(name)
    return found


def visible_key(name: str, actor: Actor) -> SshKey:
    """Return the key. Raises NotFound, also for one granted nowhere that `actor` manages."""
    key = get_key(name)
    if actor.may(Action.MANAGE_HOST):
        return key
    places = environments_of(key)
    if not any(actor.may(Action.MANAGE_HOST, environment=place) for place in places):
        raise no_key(name)
    return key


def no_key(name: str) -> NotFound:
    return NotFound(
        "There is no key {key}.",
        hint="Admins over everything make keys, and bring them to an environment.",
        key=shown(name),
    )


def list_hosts(
    actor: Actor,
    environment: str | Environment | None = None,
    label: str | None = None,
    search: str = "",
    limit: int = 50,
    offset: int = 0,
    asking: Asking | None = None,
    after: str = "",
) -> Stretch[Host]:
    """Return the hosts that `actor` may see, by name; `label` is `key` or `key=value`. Raises
    Invalid for an `after` that cannot be."""
    hosts = _hosts(actor, asking)
    if environment:
        hosts = hosts.filter(environment__name=str(environment))
    if label and is_storable(label):
        key, equals, value = label.partition("=")
        ids = _hosts_with_label(key, value if equals else None)
        hosts = hosts.filter(pk__in=ids)
    if search and is_storable(search):
        by_address = Q(address__icontains=search) & machines_seen_by(actor)
        hosts = hosts.filter(Q(name__icontains=search) | by_address)
    return Stretch(hosts, BY_NAME, limit, BY_NAME.after(hosts, after), offset)


def find_hosts(actor: Actor, asking: Asking, limit: int, at: Bookmark) -> Stretch[Host]:
    """Return the hosts that `actor` may see and asks for, by name, from a place on."""
    return Stretch(_hosts(actor, asking), BY_NAME, limit, at)


def unknown_host_labels(actor: Actor, asking: Asking) -> list[str]:
    """Return the labels that are asked for and that no host has which `actor` may see."""
    return unknown_labels(_hosts(actor, None), asking.where.labels)


def _hosts(actor: Actor, asking: Asking | None) -> QuerySet[Host]:
    hosts = Host.objects.select_related("environment", "key").defer("key__private_key")
    seen = hosts.filter(actor.visible(environment="environment__name"))
    return hosts_asked_for(seen, asking, actor) if asking else seen


def list_hosts_to_check(names: Sequence[str], environment: str, actor: Actor) -> list[Host]:
    """Return the hosts called so, or all of an environment. Raises Invalid, and NotFound, also for
    what `actor` may not see."""
    if bool(names) == bool(environment):
        raise Invalid("Say which hosts: their names, or an environment.")
    if names:
        return [get_host(name, actor) for name in dict.fromkeys(names)]
    place = visible_environment(environment, actor)
    hosts = whole(lambda limit, offset: list_hosts(actor, place, limit=limit, offset=offset))
    if not hosts:
        raise Invalid("{environment} has no host yet.", environment=place.name)
    return hosts


def get_host(name: str, actor: Actor | None = None) -> Host:
    """Raises NotFound, also for a host that `actor` may not see."""
    hosts = Host.objects.select_related("environment", "key").defer("key__private_key")
    found = hosts.filter(name=name).first() if is_storable(name) else None
    if found is None or (actor and not actor.may(Action.VIEW, environment=found.environment.name)):
        raise NotFound("There is no host {host}.", hint="Add it first.", host=shown(name))
    return found


def get_access(host: Host) -> HostAccess:
    """Return all it takes to reach the host, its private key decrypted."""
    return read_as(HostAccess, host, private_key=host.key.private_key)


def get_check_group(group: UUID, actor: Actor) -> Sequence[CheckFacts]:
    """Return the checks that were asked for together, of hosts that `actor` may see. Raises
    NotFound, word for word alike whether there are others or none."""
    seen = actor.visible(environment="host__environment__name")
    checks = HostCheck.objects.filter(seen, group=group).order_by("host__name")
    named = checks.select_related("host__environment", "host__key").defer("host__key__private_key")
    found = [CheckFacts.of(check, KnownHost.of(check.host)) for check in named]
    if not found:
        raise NotFound("There is no such check.", hint="Ask for one: POST /api/v1/checks.")
    return found


def has_waiting_checks() -> bool:
    """Return whether there are checks that nobody has finished."""
    return HostCheck.objects.filter(finished_at=None).exists()


def list_instances(
    actor: Actor,
    service: object = None,
    environment: object = None,
    host: object = None,
    limit: int = 50,
    offset: int = 0,
) -> Page[Instance]:
    """Return the instances that `actor` may see; the others are things or their names."""
    instances = without_long(Instance.objects.with_names()).filter(
        actor.visible(service="service__name", environment="environment__name")
    )
    for column, thing in (("service", service), ("environment", environment), ("host", host)):
        if thing:
            name = str(thing)
            instances = instances.filter(**{f"{column}__name": name if is_storable(name) else ""})
    order = ("service__name", "environment__order", "host__name", "port")
    return Page(instances.order_by(*order), limit, offset)


def get_instance(instance_id: int, actor: Actor | None = None) -> Instance:
    """Raises NotFound, also for an instance that `actor` may not see."""
    found = Instance.objects.with_names().filter(pk=instance_id).first()
    if found is None or (
        actor
        and not actor.may(
            Action.VIEW, service=found.service.name, environment=found.environment.name
        )
    ):
        raise NotFound("There is no such instance.")
    return found


def _hosts_with_label(key: str, value: str | None) -> list[int]:
    # Compared here, not as a JSON path of the database: a label is called what people like.
    labelled = Host.objects.filter(labels__has_key=key).values_list("pk", "labels")
    return [pk for pk, labels in labelled if value is None or labels.get(key) == value]


def status_of(instance: Instance, now: datetime) -> PlaceStatus:
    """Return the one status of an instance whose names are loaded, whoever shows it."""
    names = instance.service.name, instance.environment.name, instance.host.name
    wanted = instance.version.name if instance.version else ""
    return status_as_seen(instance, *names, wanted, now)


def status_as_seen(
    seen: Any, service: str, environment: str, host: str, wanted: str, now: datetime
) -> PlaceStatus:
    """The same; `seen` is the instance, or has its columns of these names."""
    versions = wanted, seen.seen_version, seen.seen_link
    is_running = seen.status == InstanceStatus.RUNNING
    if is_running and not seen.seen_drift and runs_well(*versions, seen.healthy, seen.seen_at, now):
        return WELL  # as nearly all are: what else there is to be known of it is not looked for
    return status_of_place(
        PlaceFacts(
            *(service, environment, host, InstanceStatus(seen.status), *versions),
            read_kept(seen.seen_drift) if seen.seen_drift else (),
            seen.healthy,
            seen.seen_at,
            seen.seen_why,
        ),
        now,
    )

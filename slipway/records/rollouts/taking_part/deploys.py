"""Who takes part in a deploy: hosts where the service is not yet."""

from datetime import datetime

from slipway.core.words.instances import InstanceStatus
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Release
from slipway.records.fleet.models import Host, Instance
from slipway.records.rollouts.wish.refusals import (
    InstanceExists,
    PortTaken,
    UnknownHost,
    VersionNeeded,
)
from slipway.records.rollouts.wish.seen_long_ago import is_old, there_long_ago
from slipway.records.rollouts.wish.selection import (
    Selection,
    StartHindrance,
    drafted,
    fresh,
    is_free,
    listed,
    nothing_to_do,
    runs,
)
from slipway.records.rollouts.wish.wishes import Wish
from slipway.records.rows.texts import is_storable


def select_for_deploy(wish: Wish, now: datetime) -> Selection:
    selection = Selection()
    if wish.version is None:
        selection.refuse(VersionNeeded("Say which version to deploy."))
    if not wish.hosts:
        selection.refuse(UnknownHost("Say which hosts to deploy to.", hint="--hosts web-1,web-2"))
    if selection.hindrances:
        return selection
    goal = drafted(wish, wish.version, selection)
    if goal is None:
        return selection
    there = _choose(wish, goal, selection)
    if not selection.candidates and not any(each.blocking for each in selection.hindrances):
        selection.refuse(_all_there(wish, there, now))
    return selection


def _all_there(wish: Wish, there: list[Instance], now: datetime) -> Refused:
    """That nothing is to do is said of what was seen; nobody is asked by a deploy, which begins
    only where nothing is."""
    old = [each for each in there if is_old(each, now)]
    return there_long_ago(old) if old else nothing_to_do(wish)


def _choose(wish: Wish, goal: Release, selection: Selection) -> list[Instance]:
    """Returns where it is already."""
    hosts = _named_hosts(wish, selection)
    there = _instances_on(hosts, wish)
    for host in hosts:
        instance = there.get(host.pk)
        if not is_free(host, instance, wish, selection):
            continue
        if instance is not None:
            _deploy_again(wish, instance, goal, selection)
        else:
            # Nothing serves there yet, so beginning there takes nothing away.
            selection.candidates.append(fresh(host, wish.port, goal))
    return list(there.values())


def _deploy_again(wish: Wish, instance: Instance, goal: Release, selection: Selection) -> None:
    if instance.status == InstanceStatus.INSTALL_FAILED:
        selection.candidates.append(fresh(instance.host, instance.port, goal, instance))
    else:
        refusal = InstanceExists(
            "{service} is on {host} already, version {version}.",
            hint="Use upgrade to change its version.",
            service=wish.service.name,
            host=instance.host.name,
            version=instance.version.name if instance.version else "unknown",
        )
        same = runs(instance, wish.version)
        selection.hindrances.append(StartHindrance(refusal, blocking=not (same or wish.are_found)))


def _named_hosts(wish: Wish, selection: Selection) -> list[Host]:
    names = list(dict.fromkeys(wish.hosts))
    hosts = Host.objects.select_related("environment").filter(
        name__in=[name for name in names if is_storable(name)], environment=wish.environment
    )
    found = {host.name: host for host in hosts}
    missing = [name for name in names if name not in found]
    if missing:
        selection.refuse(
            UnknownHost(
                "There is no host {hosts} in {environment}.",
                hint="Add it first, or take it out.",
                hosts=listed(missing),
                environment=wish.environment.name,
            )
        )
    return [found[name] for name in names if name in found]


def _instances_on(hosts: list[Host], wish: Wish) -> dict[int, Instance]:
    on_port = Instance.objects.with_names().filter(
        host__in=[host.pk for host in hosts], service=wish.service, port=wish.port
    )
    return {instance.host_id: instance for instance in on_port}


def refuse_taken_ports(wish: Wish, selection: Selection, by: Actor | None) -> None:
    """Refuse a deploy to a port that another service has on the host; which one, is told to whom
    may see it."""
    if wish.kind is not RolloutKind.DEPLOY or not wish.port:
        return
    hosts = [candidate.host.pk for candidate in selection.candidates]
    others = Instance.objects.with_names().filter(host__in=hosts, port=wish.port)
    for other in others.exclude(service=wish.service):
        selection.refuse(_port_taken(other, by))


def _port_taken(other: Instance, by: Actor | None) -> PortTaken:
    service, environment = other.service.name, other.environment.name
    if by is not None and not by.may(Action.VIEW, service=service, environment=environment):
        return PortTaken(
            "Port {port} of {host} is taken by something that you may not see.",
            hint="Choose another port, or ask an admin of {environment}.",
            port=other.port,
            host=other.host.name,
            environment=environment,
        )
    return PortTaken(
        "Port {port} of {host} belongs to {service}.",
        hint="Choose another port.",
        port=other.port,
        host=other.host.name,
        service=service,
    )

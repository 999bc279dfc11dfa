"""Hosts: machines reached by SSH."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from slipway.core.finding.listings import HOSTS
from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence
from slipway.interfaces.api.frame.finding import asking_of
from slipway.interfaces.api.frame.fingerprints import fingerprint
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.values import (
    NO_REASON,
    Continued,
    Empty,
    Input,
    Labels,
    Limit,
    Line,
    Name,
    Offset,
    SshPort,
    Text,
    Why,
    Word,
    answers,
    continued,
    given,
)
from slipway.interfaces.entrance.admission import asker
from slipway.records.accounts.rights import Actor
from slipway.records.fleet import queries
from slipway.records.fleet.known_hosts import KnownHost
from slipway.records.fleet.operations import hosts
from slipway.records.fleet.queries import visible_environment
from slipway.records.fleet.reach import sees_machine
from slipway.records.rows.sentences import values_of

router = Router(tags=["hosts"])


class HostChange(Input):
    address: Name = ""
    port: SshPort = 22
    user: Word = "root"
    root: Line = "/opt/slipway"
    become: Word = "none"
    environment: Name = ""
    key: Name = "default"
    labels: Labels = {}


class NewHost(HostChange):
    name: Name
    address: Name
    environment: Name


class Maintenance(Input):
    on: bool
    reason: Text = ""


_OF_THE_MACHINE = ("address", "port", "user", "root", "become", "host_key", "facts", "checked_at")


class HostOut(Schema):
    """`whole`: whether all of it is shown. Whose right is on services alone sees of a host its
    name, environment, labels and state; `key` is for who manages hosts there."""

    name: str
    whole: bool
    address: str = ""
    port: int = 0
    user: str = ""
    root: str = ""
    become: str = ""
    environment: str
    key: str = ""
    labels: dict[str, str]
    host_key: str = ""
    host_key_fingerprint: str = ""
    state: str
    problem: str = ""
    problem_code: str = ""
    problem_values: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    checked_at: datetime | None = None
    last_seen_at: datetime | None
    created_at: datetime


@router.get("", response=answers(Continued[HostOut]))
@policy(Action.VIEW, Over.VISIBLE)
def list_hosts(
    request: HttpRequest,
    environment: Line = "",
    label: Line = "",
    search: Line = "",
    where: Line = "",
    limit: Limit = 50,
    offset: Offset = 0,
    after: Line = "",
) -> dict[str, object]:
    """List the hosts one may see; `label` is `key=value`. `where`: words, labels, states and a
    time, as in `rack:a state:unreachable ..2h`."""
    actor = asker(request)
    wanted = visible_environment(environment, actor) if environment else None
    return continued(
        queries.list_hosts(
            actor,
            environment=wanted,
            label=label or None,
            search=search,
            limit=limit,
            offset=offset,
            after=after,
            asking=asking_of(where, HOSTS),
        ),
        lambda host: shown_host(KnownHost.of(host), actor),
    )


@router.post("", response=answers(HostOut, 201))
@policy(Action.MANAGE_HOST, Over.ENVIRONMENT)
def add_host(request: HttpRequest, body: NewHost) -> Status[object]:
    """Add a host. It is not reached by this: a check does that."""
    actor = asker(request)
    fields = body.dict()
    environment = visible_environment(body.environment, actor)
    actor.require(Action.MANAGE_HOST, environment=environment.name)
    fields |= {"environment": environment, "key": queries.visible_key(body.key, actor)}
    host = hosts.add_host(**fields, by=actor, now=timezone.now())
    return Status(201, shown_host(KnownHost.of(host), actor))


@router.get("/{name}", response=answers(HostOut))
@policy(Action.VIEW, Over.VISIBLE)
def get_host(request: HttpRequest, name: Name) -> object:
    """Show a host."""
    actor = asker(request)
    return shown_host(KnownHost.of(queries.get_host(name, actor)), actor)


@router.patch("/{name}", response=answers(HostOut))
@policy(Action.MANAGE_HOST, Over.ENVIRONMENT)
def change_host(request: HttpRequest, name: Name, body: HostChange) -> object:
    """Change what the body holds."""
    actor = asker(request)
    host, changes = queries.get_host(name, actor), given(body)
    actor.require(Action.MANAGE_HOST, environment=host.environment.name)
    if "environment" in changes:
        changes["environment"] = visible_environment(changes["environment"], actor)
    if "key" in changes:
        changes["key"] = queries.visible_key(changes["key"], actor)
    changed = hosts.change_host(host=host, changes=changes, by=actor, now=timezone.now())
    return shown_host(KnownHost.of(changed), actor)


@router.delete("/{name}", response=answers(Empty))
@policy(Action.MANAGE_HOST, Over.ENVIRONMENT)
def remove_host(request: HttpRequest, name: Name) -> dict[str, object]:
    """Forget a host that has no instances. Nothing is done on the host itself."""
    actor = asker(request)
    hosts.remove_host(host=queries.get_host(name, actor), by=actor, now=timezone.now())
    return {}


@router.post("/{name}/maintenance", response=answers(HostOut))
@policy(Action.MANAGE_HOST, Over.ENVIRONMENT)
def set_maintenance(request: HttpRequest, name: Name, body: Maintenance) -> object:
    """Take a host out of use, or back into it. What runs there goes on running."""
    actor = asker(request)
    host = queries.get_host(name, actor)
    hosts.set_maintenance(host=host, on=body.on, reason=body.reason, by=actor, now=timezone.now())
    return shown_host(KnownHost.of(queries.get_host(name, actor)), actor)


@router.post("/{name}/forget-key", response=answers(HostOut))
@policy(Action.MANAGE_HOST, Over.ENVIRONMENT)
def forget_host_key(request: HttpRequest, name: Name, body: Why = NO_REASON) -> object:
    """Forget the host's key after it was changed on purpose; a check can then learn the new one."""
    actor = asker(request)
    host = queries.get_host(name, actor)
    hosts.forget_host_key(host=host, by=actor, now=timezone.now(), reason=body.reason)
    return shown_host(KnownHost.of(queries.get_host(name, actor)), actor)


def shown_host(host: KnownHost, actor: Actor) -> dict[str, Any]:
    """Return as much of a host as `actor` may see."""
    seen = {
        "name": host.name,
        "environment": host.environment,
        "labels": host.labels,
        "state": host.state,
        "last_seen_at": host.last_seen_at,
        "created_at": host.created_at,
        "whole": sees_machine(host.environment, actor),
    }
    if not seen["whole"]:
        return seen
    manages = actor.may(Action.MANAGE_HOST, environment=host.environment)
    problem = host.problem
    whole = Sentence.joined(problem, problem.advice) if problem and problem.advice else problem
    return seen | {
        **{name: getattr(host, name) for name in _OF_THE_MACHINE},
        "key": host.key if manages else "",
        "host_key_fingerprint": fingerprint(host.host_key),
        "problem": whole.english if whole else "",
        "problem_code": problem.code if problem else "",
        "problem_values": values_of(problem),
    }

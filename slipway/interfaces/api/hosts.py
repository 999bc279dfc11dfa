"""Hosts: machines reached by SSH."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from slipway.core.roles import Action
from slipway.core.sentence import Sentence
from slipway.interfaces.admission import asker
from slipway.interfaces.api.fingerprints import fingerprint
from slipway.interfaces.api.policy import Over, policy
from slipway.interfaces.api.values import (
    Empty,
    Input,
    Labels,
    Limit,
    Line,
    Listed,
    Name,
    Offset,
    SshPort,
    Text,
    Word,
    answers,
    given,
    listed,
)
from slipway.records.accounts.actors import Actor
from slipway.records.fields.sentences import values_of
from slipway.records.fleet import operations, queries
from slipway.records.fleet.queries import visible_environment

if TYPE_CHECKING:
    from slipway.records.fleet.models import Host

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


class Why(Input):
    reason: Text = ""


NO_REASON = Why()


class HostOut(Schema):
    name: str
    address: str
    port: int
    user: str
    root: str
    become: str
    environment: str
    key: str
    labels: dict[str, str]
    host_key: str
    host_key_fingerprint: str
    state: str
    problem: str
    problem_code: str
    problem_values: dict[str, Any]
    facts: dict[str, Any]
    checked_at: datetime | None
    last_seen_at: datetime | None
    created_at: datetime

    @staticmethod
    def resolve_problem(host: "Host") -> str:
        said = host.problem
        whole = Sentence.joined(said, said.advice) if said and said.advice else said
        return whole.english if whole else ""

    @staticmethod
    def resolve_problem_code(host: "Host") -> str:
        return host.problem.code if host.problem else ""

    @staticmethod
    def resolve_problem_values(host: "Host") -> dict[str, Any]:
        return values_of(host.problem)

    @staticmethod
    def resolve_environment(host: "Host") -> str:
        return host.environment.name

    @staticmethod
    def resolve_key(host: "Host") -> str:
        return host.key.name

    @staticmethod
    def resolve_host_key_fingerprint(host: "Host") -> str:
        return fingerprint(host.host_key)


@router.get("", response=answers(Listed[HostOut]))
@policy(Action.VIEW, Over.VISIBLE)
def list_hosts(
    request: HttpRequest,
    environment: Line = "",
    label: Line = "",
    search: Line = "",
    limit: Limit = 50,
    offset: Offset = 0,
) -> dict[str, object]:
    """List the hosts one may see; `label` is `key=value`."""
    actor = asker(request)
    wanted = visible_environment(environment, actor) if environment else None
    return listed(
        queries.list_hosts(
            actor,
            environment=wanted,
            label=label or None,
            search=search,
            limit=limit,
            offset=offset,
        )
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
    return Status(201, operations.add_host(**fields, by=actor, now=timezone.now()))


@router.get("/{name}", response=answers(HostOut))
@policy(Action.VIEW, Over.VISIBLE)
def get_host(request: HttpRequest, name: Name) -> object:
    """Show a host."""
    return visible_host(name, asker(request))


@router.patch("/{name}", response=answers(HostOut))
@policy(Action.MANAGE_HOST, Over.ENVIRONMENT)
def change_host(request: HttpRequest, name: Name, body: HostChange) -> object:
    """Change what the body holds."""
    actor = asker(request)
    host, changes = visible_host(name, actor), given(body)
    actor.require(Action.MANAGE_HOST, environment=host.environment.name)
    if "environment" in changes:
        changes["environment"] = visible_environment(changes["environment"], actor)
    if "key" in changes:
        changes["key"] = queries.visible_key(changes["key"], actor)
    return operations.change_host(host=host, changes=changes, by=actor, now=timezone.now())


@router.delete("/{name}", response=answers(Empty))
@policy(Action.MANAGE_HOST, Over.ENVIRONMENT)
def remove_host(request: HttpRequest, name: Name) -> dict[str, object]:
    """Forget a host that has no instances. Nothing is done on the host itself."""
    actor = asker(request)
    operations.remove_host(host=visible_host(name, actor), by=actor, now=timezone.now())
    return {}


@router.post("/{name}/maintenance", response=answers(HostOut))
@policy(Action.MANAGE_HOST, Over.ENVIRONMENT)
def set_maintenance(request: HttpRequest, name: Name, body: Maintenance) -> object:
    """Take a host out of use, or back into it. What runs there goes on running."""
    actor = asker(request)
    host = visible_host(name, actor)
    operations.set_maintenance(
        host=host, on=body.on, reason=body.reason, by=actor, now=timezone.now()
    )
    return visible_host(name, actor)


@router.post("/{name}/forget-key", response=answers(HostOut))
@policy(Action.MANAGE_HOST, Over.ENVIRONMENT)
def forget_host_key(request: HttpRequest, name: Name, body: Why = NO_REASON) -> object:
    """Forget the host's key after it was changed on purpose; a check can then learn the new one."""
    actor = asker(request)
    host = visible_host(name, actor)
    operations.forget_host_key(host=host, by=actor, now=timezone.now(), reason=body.reason)
    return visible_host(name, actor)


def visible_host(name: str, actor: Actor) -> "Host":
    """Return the host. Raises NotFound, also for one that `actor` may not see."""
    return queries.get_host(name, actor)

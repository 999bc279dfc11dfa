"""Release on build: which refs' new versions are released in an environment without anybody."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.values import (
    Empty,
    Input,
    Limit,
    Line,
    Listed,
    Name,
    Offset,
    answers,
    part,
)
from slipway.interfaces.entrance.admission import asker
from slipway.records.catalog.queries import services
from slipway.records.fleet.queries import visible_environment
from slipway.records.releasing import rules as release_rules
from slipway.records.releasing.operations import rules as rule_operations
from slipway.records.rows.sentences import told

router = Router(tags=["release rules"])


class NewReleaseRule(Input):
    """`refs`: names or patterns like `release/*`, of versions that are made from now on."""

    service: Name
    environment: Name
    refs: Annotated[list[Line], Field(max_length=64)]
    enabled: bool = True


class ReleaseRuleOut(Schema):
    """`last_version`: the newest that it has released, or will not release any more. `problem`:
    why the newest is not released; it is tried again."""

    service: str
    environment: str
    refs: list[str]
    enabled: bool
    since: datetime
    last_version: str | None
    last_rollout: int | None
    problem: str
    problem_code: str
    problem_values: dict[str, Any]
    problem_hint: str
    updated_at: datetime
    updated_by: str | None


@router.get("", response=answers(Listed[ReleaseRuleOut]))
@policy(Action.VIEW, Over.VISIBLE)
def list_release_rules(
    request: HttpRequest,
    service: Line = "",
    environment: Line = "",
    limit: Limit = 50,
    offset: Offset = 0,
) -> dict[str, object]:
    """List the rules one may see."""
    rules = release_rules.list_release_rules(asker(request), service, environment)
    return part([shown_rule(rule) for rule in rules], limit, offset)


@router.post("", response=answers(ReleaseRuleOut))
@policy(Action.MANAGE_ENVIRONMENT, Over.ENVIRONMENT)
def set_release_rule(request: HttpRequest, body: NewReleaseRule) -> dict[str, Any]:
    """Set the rule of a service in an environment; there is one at most. Needs the right to deploy
    there, too."""
    actor = asker(request)
    rule = rule_operations.set_release_rule(
        service=services.get_service(body.service, actor),
        environment=visible_environment(body.environment, actor),
        refs=body.refs,
        enabled=body.enabled,
        by=actor,
        now=timezone.now(),
    )
    return shown_rule(release_rules.RuleFacts.of(rule))


@router.get("/{service}/{environment}", response=answers(ReleaseRuleOut))
@policy(Action.VIEW, Over.VISIBLE)
def get_release_rule(request: HttpRequest, service: Name, environment: Name) -> dict[str, Any]:
    """Show the rule of a service in an environment."""
    actor = asker(request)
    thing = services.get_service(service, actor)
    place = visible_environment(environment, actor)
    actor.require(Action.VIEW, service=thing.name, environment=place.name)
    return shown_rule(release_rules.RuleFacts.of(release_rules.get_release_rule(thing, place)))


@router.delete("/{service}/{environment}", response=answers(Empty))
@policy(Action.MANAGE_ENVIRONMENT, Over.ENVIRONMENT)
def remove_release_rule(
    request: HttpRequest, service: Name, environment: Name
) -> dict[str, object]:
    """Let versions be released by people again."""
    actor = asker(request)
    rule_operations.remove_release_rule(
        service=services.get_service(service, actor),
        environment=visible_environment(environment, actor),
        by=actor,
        now=timezone.now(),
    )
    return {}


def shown_rule(rule: release_rules.RuleFacts) -> dict[str, Any]:
    """Return the JSON of a rule."""
    return asdict(rule) | told("problem", rule.problem, hint="problem_hint")

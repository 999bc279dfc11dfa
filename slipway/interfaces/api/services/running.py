"""What runs where, what ran where and when, and which version stands for an environment."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.values import Limit, Listed, Name, Offset, answers, part
from slipway.interfaces.entrance.admission import asker
from slipway.records.catalog.queries import services
from slipway.records.catalog.version_facts import NamedVersion, VersionFacts
from slipway.records.fleet.queries import visible_environment
from slipway.records.rollouts.ask import history
from slipway.records.rollouts.ask.destinations import VersionDestination, destinations_of
from slipway.records.rollouts.ask.overview import get_overview
from slipway.records.rollouts.histories import passages as passing
from slipway.records.rollouts.histories.passages import Passage
from slipway.records.rollouts.taking_part.withdrawals import list_withdrawals
from slipway.records.rows.sentences import told, values_of

router = Router(tags=["versions"])


class StayOut(Schema):
    """A version's time in one place. `until` none: it still should run there; then `seen_at` is
    when it was last seen running. `rollout`: what brought it."""

    environment: str
    host: str
    port: int
    since: datetime
    until: datetime | None
    seen_at: datetime | None
    rollout: int


class PassageOut(Schema):
    """What one rollout did with a version in one environment. `targets`: how many ended how; `by`
    none: Slipway by itself."""

    environment: str
    rollout: int
    state: str
    end: str
    by: str | None
    outcome: str
    outcome_code: str
    outcome_values: dict[str, Any]
    created_at: datetime
    finished_at: datetime | None
    targets: dict[str, int]


class DestinationReasonOut(Schema):
    """Why a version may not go somewhere, or what is to be known before it does."""

    code: str
    message: str
    hint: str
    values: dict[str, Any]


class DestinationOut(Schema):
    """An environment as a version finds it. `open`: it may be released there now. `runs`: how many
    of the `instances` there should run it already. `rollout`: what brings it there now, none for
    nothing. What depends on hosts, the plan says."""

    environment: str
    open: bool
    runs: int
    instances: int
    rollout: int | None
    refused: list[DestinationReasonOut]
    warned: list[DestinationReasonOut]


class RunningOut(Schema):
    environment: str
    version: str
    instances: int
    healthy: int
    drifted: int


class RunningVersionOut(Schema):
    service: str
    environment: str
    version: str


@router.get("/{name}/versions/{version}/history", response=answers(Listed[StayOut]))
@policy(Action.VIEW, Over.VISIBLE)
def list_stays(
    request: HttpRequest, name: Name, version: Name, limit: Limit = 50, offset: Offset = 0
) -> dict[str, object]:
    """List where and when a version ran, by environment, the latest first."""
    actor = asker(request)
    service = services.get_service(name, actor)
    found = NamedVersion.of(services.get_version(service, version))
    stays = history.list_stays(service.name, found, actor)
    return part([stay for of in stays.values() for stay in of], limit, offset)


@router.get("/{name}/versions/{version}/passages", response=answers(Listed[PassageOut]))
@policy(Action.VIEW, Over.VISIBLE)
def list_passages(
    request: HttpRequest, name: Name, version: Name, limit: Limit = 50, offset: Offset = 0
) -> dict[str, object]:
    """List what a version has been through: the rollouts that brought it somewhere, or tried to,
    the newest first, with how that went."""
    actor = asker(request)
    found = services.get_version(services.get_service(name, actor), version)
    passages = [_passage(each) for each in passing.list_passages(found.pk, actor)]
    return part(passages, limit, offset)


@router.get("/{name}/versions/{version}/destinations", response=answers(Listed[DestinationOut]))
@policy(Action.VIEW, Over.VISIBLE)
def list_destinations(
    request: HttpRequest, name: Name, version: Name, limit: Limit = 50, offset: Offset = 0
) -> dict[str, object]:
    """List where a version may be released by whoever asks, by environment, and why not where it
    may not."""
    actor, now = asker(request), timezone.now()
    service = services.get_service(name, actor)
    found = VersionFacts.of(services.get_version(service, version))
    withdrawn = list_withdrawals(service.name, actor)
    held = {row.environment for row in withdrawn if row.version == found.name}
    there = destinations_of(found, get_overview(actor, [service.name], now), held, actor, now)
    return part([_destination(each) for each in there], limit, offset)


def _destination(there: VersionDestination) -> dict[str, object]:
    return {
        "environment": there.environment,
        "open": there.is_open,
        "runs": there.runs,
        "instances": there.instances,
        "rollout": there.rollout or None,
        "refused": list(map(_reason, there.refused)),
        "warned": list(map(_reason, there.warned)),
    }


def _reason(sentence: Sentence) -> dict[str, object]:
    return {
        "code": sentence.code,
        "message": sentence.english,
        "hint": sentence.english_hint,
        "values": values_of(sentence),
    }


def _passage(passage: Passage) -> dict[str, object]:
    return {
        "environment": passage.environment,
        "rollout": passage.rollout,
        "state": passage.state,
        "end": passage.end,
        "by": passage.by or None,
        **told("outcome", passage.outcome),
        "created_at": passage.created_at,
        "finished_at": passage.finished_at,
        "targets": dict(passage.targets),
    }


@router.get("/{name}/running", response=answers(Listed[RunningOut]))
@policy(Action.VIEW, Over.VISIBLE)
def list_running_versions(
    request: HttpRequest, name: Name, limit: Limit = 50, offset: Offset = 0
) -> dict[str, object]:
    """List which versions run in the environments one may see, and on how many instances."""
    actor = asker(request)
    found = history.running_versions(services.get_service(name, actor), actor, now=timezone.now())
    return part(found, limit, offset)


@router.get("/{name}/running/{environment}", response=answers(RunningVersionOut))
@policy(Action.VIEW, Over.VISIBLE)
def get_running_version(request: HttpRequest, name: Name, environment: Name) -> dict[str, Any]:
    """Show the one version that all healthy instances there run; refused when they are mixed."""
    actor = asker(request)
    service = services.get_service(name, actor)
    place = visible_environment(environment, actor)
    actor.require(Action.VIEW, service=service.name, environment=place.name)
    version = history.get_running_version(service, place)
    return {"service": service.name, "environment": place.name, "version": version.name}

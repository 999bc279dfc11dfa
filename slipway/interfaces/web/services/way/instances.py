"""An instance as pages show it, and what may be asked for there."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.http import urlencode

from slipway.core.hosts.place_status import PlaceStatus
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.roles import Action
from slipway.interfaces.web.frame.saying import said, said_hint
from slipway.interfaces.web.frame.words import instance_icon, instance_mark, word
from slipway.records.fleet.queries import status_of

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor
    from slipway.records.catalog.models import Service
    from slipway.records.fleet.models import Environment, Instance

ICONS = {
    RolloutKind.DEPLOY: "plus",
    RolloutKind.UPGRADE: "rollouts",
    RolloutKind.REVERT: "back",
    RolloutKind.APPLY: "check",
    RolloutKind.RESTART: "retry",
    RolloutKind.STOP: "stop",
    RolloutKind.START: "play",
    RolloutKind.DELETE: "cross",
}


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be asked for: a link to its plan."""

    label: str
    icon: str
    url: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class InstanceView:
    id: int
    service: str
    environment: str
    host: str
    port: int
    place: str
    tag: str
    weight: int
    version: str
    seen: str  # the version that was seen running
    previous: str
    status: str
    mark: str
    icon: str
    why: str
    hint: str
    remedy: Act | None
    locked: str
    seen_at: datetime | None


def may_deploy(actor: "Actor", service: "Service", environment: "Environment") -> bool:
    return actor.may(Action.DEPLOY, service=service.name, environment=environment.name)


def plan_address(**wish: str) -> str:
    """Return the address of the plan for a wish."""
    return f"/rollouts/new?{urlencode({key: value for key, value in wish.items() if value})}"


def instance_view(instance: "Instance", now: datetime, actor: "Actor") -> InstanceView:
    """Return an instance as a row of a table shows it: how it is, why, and what mends it."""
    status = status_of(instance, now)
    return InstanceView(
        id=instance.pk,
        service=instance.service.name,
        environment=instance.environment.name,
        host=instance.host.name,
        port=instance.port,
        place=f"{instance.host.name}:{instance.port}" if instance.port else instance.host.name,
        tag=instance.tag,
        weight=instance.weight,
        version=instance.version.name if instance.version else "",
        seen=instance.seen_version,
        previous=instance.previous_version.name if instance.previous_version else "",
        status=status.word,
        mark=instance_mark(status.word),
        icon=instance_icon(status.word),
        why=said(status.why),
        hint=said_hint(status.why),
        remedy=_remedy(instance, status, actor),
        locked=instance.locked_reason or instance.locked_by.username if instance.locked_by else "",
        seen_at=instance.seen_at,
    )


def _remedy(instance: "Instance", status: PlaceStatus, actor: "Actor") -> Act | None:
    """Return what mends it, for those who may."""
    kind = status.remedy
    if kind is None or not may_deploy(actor, instance.service, instance.environment):
        return None
    address = plan_address(
        kind=kind,
        service=instance.service.name,
        environment=instance.environment.name,
        version=instance.version.name if kind.moves_version and instance.version else "",
        hosts=instance.host.name,
    )
    return Act(word(kind), ICONS[kind], address)

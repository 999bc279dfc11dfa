"""An instance as pages show it, and what may be asked for there."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.http import urlencode

from slipway.core.words.kinds import RolloutKind
from slipway.core.words.roles import Action
from slipway.interfaces.web.frame.saying import said, said_hint
from slipway.interfaces.web.frame.words import instance_icon, instance_mark, word

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor
    from slipway.records.fleet.instance_facts import InstanceFacts

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


def may_deploy(actor: "Actor", service: str, environment: str) -> bool:
    return actor.may(Action.DEPLOY, service=service, environment=environment)


def plan_address(**wish: str) -> str:
    """Return the address of the plan for a wish."""
    return f"/rollouts/new?{urlencode({key: value for key, value in wish.items() if value})}"


def instance_view(instance: "InstanceFacts", actor: "Actor") -> InstanceView:
    """Return an instance as a row of a table shows it: how it is, why, and what mends it."""
    status = instance.status
    return InstanceView(
        id=instance.id,
        service=instance.service,
        environment=instance.environment,
        host=instance.host,
        port=instance.port,
        place=instance.place,
        tag=instance.tag,
        weight=instance.weight,
        version=instance.version_name,
        seen=instance.seen_version,
        previous=instance.previous,
        status=status.word,
        mark=instance_mark(status.word),
        icon=instance_icon(status.word),
        why=said(status.why),
        hint=said_hint(status.why),
        remedy=_remedy(instance, actor),
        locked=instance.locked_reason or instance.locked_by,
        seen_at=instance.seen_at,
    )


def _remedy(instance: "InstanceFacts", actor: "Actor") -> Act | None:
    """Return what mends it, for those who may."""
    kind = instance.status.remedy
    if kind is None or not may_deploy(actor, instance.service, instance.environment):
        return None
    address = plan_address(
        kind=kind,
        service=instance.service,
        environment=instance.environment,
        version=instance.version_name if kind.moves_version else "",
        hosts=instance.host,
    )
    return Act(word(kind), ICONS[kind], address)

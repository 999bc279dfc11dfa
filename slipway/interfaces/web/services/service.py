"""All about one service: where it runs, its versions, its rollouts, its release spec."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import yaml
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from slipway.core.finding.listings import VERSIONS
from slipway.core.hosts.place_status import PlaceStatus
from slipway.core.words.instances import InstanceStatus
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.roles import Action
from slipway.core.words.versions import VersionStatus
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import pages
from slipway.interfaces.web.frame.finding import (
    asked_of,
    bookmark_of,
    chips_of,
    extent_of,
    how_much,
)
from slipway.interfaces.web.frame.saying import said, said_hint
from slipway.interfaces.web.frame.words import instance_icon, instance_mark, word
from slipway.interfaces.web.rollouts import history
from slipway.interfaces.web.services.locks import LockView, lock_view
from slipway.interfaces.web.services.release_rules import rules_of
from slipway.interfaces.web.shown.building import row_of_build, web_address
from slipway.interfaces.web.shown.how_built import how_built
from slipway.interfaces.web.shown.matrix import instance_tick
from slipway.interfaces.web.shown.shapes import Ticks, ticks_of
from slipway.interfaces.web.shown.version_lines import version_lines
from slipway.records.catalog.queries.builds import get_late_offers
from slipway.records.catalog.queries.services import (
    find_versions,
    get_service,
    list_versions,
    spec_shown,
)
from slipway.records.fleet.queries import list_environments, status_of
from slipway.records.rollouts.ask.overview import Overview, get_overview
from slipway.records.rollouts.ask.queries import list_rollouts
from slipway.records.rollouts.taking_part.withdrawals import list_withdrawals

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor
    from slipway.records.catalog.models import Service
    from slipway.records.fleet.models import Environment, Instance

_NEWEST = 12  # versions and rollouts shown
_AT_HAND = 2  # actions shown; the others are in a menu
_ICONS = {
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
    service: str
    environment: str
    host: str
    port: int
    place: str
    tag: str
    weight: int
    version: str
    previous: str
    status: str
    mark: str
    icon: str
    why: str
    hint: str
    remedy: Act | None
    locked: str
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class ServicePlace:
    """The service in one environment, as one person sees it."""

    environment: str
    instances: tuple[InstanceView, ...]
    versions: tuple[str, ...]
    ticks: Ticks
    rollout: history.RolloutRow | None
    lock: LockView | None
    actions: tuple[Act, ...]
    more: tuple[Act, ...]
    may_lock: bool


@require_GET
@pages.answered
def show_service(request: HttpRequest, name: str) -> HttpResponse:
    actor, now = asker(request), timezone.now()
    service = get_service(name, actor)
    overview = get_overview(actor, [service], now)
    versions = list_versions(service, limit=_NEWEST)
    rollouts = list_rollouts(actor, service=service.name, limit=_NEWEST)
    count = {"n": versions.total}
    environments = [
        environment
        for environment in list_environments()
        if actor.may(Action.VIEW, service=service.name, environment=environment.name)
    ]
    return pages.show(
        request,
        "web/service.html",
        section="services",
        service=_about(service),
        places=[_place(service, each, overview, actor, now) for each in environments],
        versions=version_lines(versions, overview, now, list_withdrawals(service, actor)),
        version_count=ngettext("%(n)s version", "%(n)s versions", versions.total) % count,
        rollouts=history.rows_of(rollouts),
        rollouts_shown=how_much(rollouts),
        spec=as_yaml(spec_shown(service.spec, service, actor)),
        built=how_built(request, service, actor),
        lock_hours=("2", "24", "72"),
        late=[row_of_build(build, now) for build in get_late_offers(service)],
        rules=rules_of(service, environments, actor),
        may_upload=actor.may(Action.UPLOAD, service=service.name),
        may_manage=actor.may(Action.MANAGE_SERVICE, service=service.name),
        may_deploy=any(may_deploy(actor, service, environment) for environment in environments),
    )


@require_GET
@pages.answered
def show_versions(request: HttpRequest, name: str) -> HttpResponse:
    """List all versions of a service."""
    actor, now = asker(request), timezone.now()
    service = get_service(name, actor)
    asked = asked_of(request, VERSIONS, {"search": ""})
    versions = find_versions(service, asked.asking, pages.PAGE, bookmark_of(request))
    overview = get_overview(actor, [service], now)
    lines = version_lines(versions, overview, now, list_withdrawals(service, actor))
    states = [(word(status.word), status.word) for status in VersionStatus]
    count = {"n": versions.total}
    return pages.show(
        request,
        "web/versions.html",
        section="services",
        service={"name": service.name},
        asked=asked,
        total=ngettext("%(n)s version", "%(n)s versions", versions.total) % count,
        states=chips_of(asked, "state", _("Every state"), states),
        versions=[] if asked.problem else lines,
        extent=None if asked.problem else extent_of(request, versions, asked),
    )


def may_deploy(actor: "Actor", service: "Service", environment: "Environment") -> bool:
    return actor.may(Action.DEPLOY, service=service.name, environment=environment.name)


def plan_address(**wish: str) -> str:
    """Return the address of the plan for a wish."""
    return f"/rollouts/new?{urlencode({key: value for key, value in wish.items() if value})}"


def as_yaml(spec: dict[str, Any]) -> str:
    """Return a release spec as people write it."""
    return yaml.safe_dump(spec, sort_keys=False, allow_unicode=True) if spec else ""


def instance_view(instance: "Instance", now: datetime, actor: "Actor") -> InstanceView:
    """Return an instance as a row of a table shows it: how it is, why, and what mends it."""
    status = status_of(instance, now)
    return InstanceView(
        service=instance.service.name,
        environment=instance.environment.name,
        host=instance.host.name,
        port=instance.port,
        place=f"{instance.host.name}:{instance.port}" if instance.port else instance.host.name,
        tag=instance.tag,
        weight=instance.weight,
        version=instance.version.name if instance.version else "",
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
    return Act(word(kind), _ICONS[kind], address)


def _about(service: "Service") -> dict[str, object]:
    return {
        "name": service.name,
        "language": service.get_language_display(),
        "description": service.description,
        "labels": [f"{key}={value}" if value else key for key, value in service.labels.items()],
        "build_url": web_address(service.build_url),
    }


def _place(
    service: "Service",
    environment: "Environment",
    overview: Overview,
    actor: "Actor",
    now: datetime,
) -> ServicePlace:
    key = (service.pk, environment.pk)
    instances = overview.instances.get(key, [])
    active, lock = overview.active.get(key), overview.locks.get(key)
    may = may_deploy(actor, service, environment)
    acts = _actions(service, environment, instances) if may and not active else ()
    versions = sorted({i.version.name for i in instances if i.version})
    return ServicePlace(
        environment=environment.name,
        instances=tuple(instance_view(instance, now, actor) for instance in instances),
        versions=tuple(versions),
        ticks=ticks_of(instance_tick(instance, now) for instance in instances),
        rollout=history.row_of(active, overview.progress[active.pk]) if active else None,
        lock=lock_view(lock, actor) if lock else None,
        actions=acts[:_AT_HAND],
        more=acts[_AT_HAND:],
        may_lock=actor.may(Action.LOCK, service=service.name, environment=environment.name),
    )


def _actions(
    service: "Service", environment: "Environment", instances: "list[Instance]"
) -> tuple[Act, ...]:
    kinds = [RolloutKind.DEPLOY]
    if instances:
        kinds = [RolloutKind.UPGRADE, RolloutKind.REVERT, RolloutKind.RESTART]
        stopped = [i.status == InstanceStatus.STOPPED for i in instances]
        kinds += [RolloutKind.START] if all(stopped) else [RolloutKind.STOP]
        kinds += [RolloutKind.APPLY, RolloutKind.DEPLOY, RolloutKind.DELETE]
    style = {RolloutKind.DELETE: "danger"}
    return tuple(
        Act(
            word(kind),
            _ICONS[kind],
            plan_address(kind=kind, service=service.name, environment=environment.name),
            style.get(kind, ""),
        )
        for kind in kinds
    )

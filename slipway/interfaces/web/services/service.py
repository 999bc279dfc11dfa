"""All about one service: where it runs, its versions, its rollouts, its release spec."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import yaml
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from slipway.core.finding.listings import VERSIONS
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
    shown_of,
)
from slipway.interfaces.web.frame.words import word
from slipway.interfaces.web.rollouts import history
from slipway.interfaces.web.services.release_rules import rules_of
from slipway.interfaces.web.services.way.instances import may_deploy
from slipway.interfaces.web.services.way.lacks import lacks_of
from slipway.interfaces.web.services.way.places import place_of
from slipway.interfaces.web.services.way.tempo import tempo_of
from slipway.interfaces.web.services.way.version_lines import version_lines
from slipway.interfaces.web.services.way.way import way_of
from slipway.interfaces.web.shown.building import row_of_build, web_address
from slipway.interfaces.web.shown.how_built import how_built
from slipway.interfaces.web.shown.of_services.languages import language_word
from slipway.records.builds.build_facts import BuildFacts, BuiltService
from slipway.records.builds.queries.builds import get_late_offers
from slipway.records.catalog.queries.services import (
    find_versions,
    get_service,
    list_versions,
    list_versions_of,
    spec_shown,
)
from slipway.records.catalog.queries.stars import starred_names
from slipway.records.catalog.version_facts import VersionFacts
from slipway.records.fleet.environment_facts import list_environments_of
from slipway.records.rollouts.ask.overview import get_overview, list_rollouts_told
from slipway.records.rollouts.ask.queries import list_rollouts
from slipway.records.rollouts.taking_part.withdrawals import list_withdrawals

if TYPE_CHECKING:
    from slipway.records.rollouts.ask.overview import Overview

_NEWEST_VERSIONS = 8  # shown, and those that run and are older
_MOST_OLDER = 8
_NEWEST_ROLLOUTS = 8


@require_GET
@pages.answered
def show_service(request: HttpRequest, name: str) -> HttpResponse:
    actor, now = asker(request), timezone.now()
    service = get_service(name, actor)
    overview = get_overview(actor, [name], now)
    versions = list_versions(service, limit=_NEWEST_VERSIONS)
    older = list_versions_of(service, _older({each.pk for each in versions}, overview))
    facts = [VersionFacts.of(each) for each in (*versions, *older)]
    newest = next((each for each in facts if each.can_go), None)
    rollouts = list_rollouts(actor, service=name, limit=_NEWEST_ROLLOUTS)
    environments = list_environments_of(name, actor)
    names = [environment.name for environment in environments]
    withdrawals = list_withdrawals(name, actor)
    unfolded = request.GET.get("all", "")
    places = [place_of(name, each, overview, actor, shows_all=each == unfolded) for each in names]
    return pages.show(
        request,
        "web/service.html",
        section="services",
        service={
            "name": name,
            "language": language_word(service.language),
            "description": service.description,
            "labels": [f"{key}={value}" if value else key for key, value in service.labels.items()],
            "build_url": web_address(service.build_url),
            "is_starred": name in starred_names(actor),
        },
        way=way_of(name, environments, overview, withdrawals, actor, now),
        places=sorted(places, key=lambda place: not place.count and not place.rollout),
        environments=names,
        versions=version_lines(facts, names, overview, now, withdrawals, actor),
        versions_shown=shown_of(len(facts), versions.total),
        lacks=lacks_of(newest, actor, f"/services/{name}", is_named=True) if newest else None,
        rollouts=[history.row_of(each) for each in list_rollouts_told(rollouts)],
        tempo=tempo_of(name, names, actor, now),
        rollouts_shown=how_much(rollouts),
        spec=as_yaml(spec_shown(service.spec, name, actor)),
        built=how_built(request, BuiltService.of(service), actor),
        lock_hours=("2", "24", "72"),
        late=[row_of_build(BuildFacts.of(build), now) for build in get_late_offers(service)],
        rules=rules_of(name, names, actor),
        may_upload=actor.may(Action.UPLOAD, service=name),
        may_manage=actor.may(Action.MANAGE_SERVICE, service=name),
        may_deploy=any(may_deploy(actor, name, environment) for environment in names),
    )


def _older(newest: set[int], overview: "Overview") -> list[int]:
    """Return which versions run somewhere and are none of the newest, those on most places first:
    what prod runs is to be seen however much was made since."""
    running: Counter[int] = Counter()
    for counts in overview.versions.values():
        running.update({version.id: count for version, count in counts.items()})
    older = [each for each, _count in running.most_common() if each not in newest]
    return older[:_MOST_OLDER]


@require_GET
@pages.answered
def show_versions(request: HttpRequest, name: str) -> HttpResponse:
    """List all versions of a service."""
    actor, now = asker(request), timezone.now()
    service = get_service(name, actor)
    asked = asked_of(request, VERSIONS, {"search": ""})
    versions = find_versions(service, asked.asking, pages.PAGE, bookmark_of(request))
    overview = get_overview(actor, [name], now)
    withdrawals = list_withdrawals(name, actor)
    environments = [each.name for each in list_environments_of(name, actor)]
    facts = list(map(VersionFacts.of, versions))
    lines = version_lines(facts, environments, overview, now, withdrawals, actor)
    states = [(word(status.word), status.word) for status in VersionStatus]
    count = {"n": versions.total}
    return pages.show(
        request,
        "web/versions.html",
        section="services",
        service={"name": name},
        environments=environments,
        asked=asked,
        total=ngettext("%(n)s version", "%(n)s versions", versions.total) % count,
        states=chips_of(asked, "state", _("Every state"), states),
        versions=[] if asked.problem else lines,
        extent=None if asked.problem else extent_of(request, versions, asked),
    )


def as_yaml(spec: Mapping[str, Any]) -> str:
    """Return a release spec as people write it."""
    return yaml.safe_dump(dict(spec), sort_keys=False, allow_unicode=True) if spec else ""

"""What one version is, where it runs, and where it could go."""

import re
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from slipway.core.kinds import RolloutKind
from slipway.core.refusal import Refused
from slipway.core.versions import VersionStatus
from slipway.interfaces import doors
from slipway.interfaces.admission import asker
from slipway.interfaces.web import pages
from slipway.interfaces.web.service import Act, as_yaml, instance_view, may_deploy, plan_address
from slipway.records.catalog.queries import get_package_ref, get_service, get_version
from slipway.records.fleet.queries import list_environments
from slipway.records.rollouts.overview import Overview, get_overview

if TYPE_CHECKING:
    from slipway.records.accounts.actors import Actor
    from slipway.records.catalog.models import Service, Version


@require_GET
@pages.answered
def show_version(request: HttpRequest, name: str, version_name: str) -> HttpResponse:
    actor = asker(request)
    service = get_service(name, actor)
    version = get_version(service, version_name)
    overview = get_overview(actor, [service], timezone.now())
    runs = [
        instance_view(instance)
        for instances in overview.instances.values()
        for instance in instances
        if instance.version_id == version.pk
    ]
    is_web = version.build_url.startswith(("https://", "http://"))
    return pages.show(
        request,
        "web/version.html",
        section="services",
        service=service.name,
        version={
            "name": version.name,
            "status": VersionStatus(version.status).word,
            "ref": version.ref,
            "commit": version.commit,
            "description": version.description,
            "created_at": version.created_at,
            "by": version.created_by.username if version.created_by else "",
            "package": version.package,
            "build_url": version.build_url if is_web else "",
            "build_log": version.build_log,
        },
        runs=runs,
        spec=as_yaml(version.spec),
        actions=_actions(service, version, actor, overview),
    )


@require_GET
def download(request: HttpRequest, name: str, version_name: str) -> HttpResponseBase:
    """Send the stored package, as it was taken in."""
    try:
        service = get_service(name, asker(request))
        package = get_package_ref(get_version(service, version_name))
        chunks = doors.packages().open(package)
    except Refused as refused:
        return pages.refusal(request, refused)
    answer = StreamingHttpResponse(chunks, content_type="application/octet-stream")
    answer.headers["Content-Length"] = str(package.size)
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", package.filename)
    answer.headers["Content-Disposition"] = f'attachment; filename="{safe}"'
    return answer


def _actions(
    service: "Service", version: "Version", actor: "Actor", overview: Overview
) -> list[Act]:
    if version.status != VersionStatus.SUCCESS:
        return []
    acts = []
    for environment in list_environments():
        if not may_deploy(actor, service, environment):
            continue
        instances = overview.instances.get((service.pk, environment.pk), [])
        if instances and all(instance.version_id == version.pk for instance in instances):
            continue
        kind = RolloutKind.UPGRADE if instances else RolloutKind.DEPLOY
        url = plan_address(
            kind=kind, service=service.name, environment=environment.name, version=version.name
        )
        label = _("To %(environment)s") % {"environment": environment.name}
        acts.append(Act(label, "rollouts", url))
    return acts

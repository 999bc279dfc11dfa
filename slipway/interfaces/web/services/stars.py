"""Starring services: the button on their rows and pages."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import pages
from slipway.records.catalog.operations.stars import star_service, unstar_service
from slipway.records.catalog.queries.services import get_service


@require_POST
@pages.answered
def star(request: HttpRequest, name: str) -> HttpResponse:
    actor = asker(request)
    service = get_service(name, actor)
    return pages.attempt(
        request,
        lambda: star_service(service=service, by=actor, now=timezone.now()),
        back=_back(request, name),
    )


@require_POST
@pages.answered
def unstar(request: HttpRequest, name: str) -> HttpResponse:
    actor = asker(request)
    service = get_service(name, actor)
    return pages.attempt(
        request, lambda: unstar_service(service=service, by=actor), back=_back(request, name)
    )


def _back(request: HttpRequest, name: str) -> str:
    return pages.own_address(request, request.POST.get("next", ""), f"/services/{name}")

"""Which keys hosts of an environment may be opened by: granted and taken away one by one."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import pages
from slipway.records.fleet.operations.keys import grant_key, revoke_key
from slipway.records.fleet.queries import get_key, visible_environment


@require_POST
@pages.answered
def grant(request: HttpRequest, name: str) -> HttpResponse:
    actor = asker(request)
    environment = visible_environment(name, actor)
    actor.require(Action.MANAGE_HOST)  # before it is said which keys there are
    key = get_key(pages.typed(request, "key")[:200])
    return pages.attempt(
        request,
        lambda: grant_key(key=key, environment=environment, by=actor, now=timezone.now()),
        back=f"/environments/{environment.name}",
        done=_("The key is granted."),
    )


@require_POST
@pages.answered
def revoke(request: HttpRequest, name: str, key: str) -> HttpResponse:
    actor = asker(request)
    environment = visible_environment(name, actor)
    actor.require(Action.MANAGE_HOST)
    taken = get_key(key)
    return pages.attempt(
        request,
        lambda: revoke_key(key=taken, environment=environment, by=actor, now=timezone.now()),
        back=f"/environments/{environment.name}",
        done=_("The key is not granted any more."),
    )

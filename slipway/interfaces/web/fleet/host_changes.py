"""What is done to a host besides its form: its key forgotten, out of use and back, removed."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from slipway.core.words.refusal import Refused
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import notes, pages
from slipway.records.fleet.operations.hosts import forget_host_key, remove_host, set_maintenance
from slipway.records.fleet.queries import get_host

_LONGEST = 500


@require_POST
@pages.answered
def set_host_maintenance(request: HttpRequest, name: str) -> HttpResponse:
    actor = asker(request)
    host = get_host(name, actor)
    return pages.attempt(
        request,
        lambda: set_maintenance(
            host=host,
            on=request.POST.get("on") == "1",
            reason=pages.typed(request, "reason")[:_LONGEST],
            by=actor,
            now=timezone.now(),
        ),
        back=f"/hosts/{host.name}",
    )


@require_POST
@pages.answered
def forget_key(request: HttpRequest, name: str) -> HttpResponse:
    """Believe the learnt host key no more: nobody goes there until one is learnt again."""
    actor = asker(request)
    host = get_host(name, actor)
    return pages.attempt(
        request,
        lambda: forget_host_key(
            host=host,
            reason=pages.typed(request, "reason")[:_LONGEST],
            by=actor,
            now=timezone.now(),
        ),
        back=f"/hosts/{host.name}",
        done=_("The host key is forgotten. Nobody goes there before one is learnt again."),
    )


@require_POST
@pages.answered
def remove(request: HttpRequest, name: str) -> HttpResponse:
    """Forget a host; nothing is done on it."""
    actor = asker(request)
    host = get_host(name, actor)
    try:
        remove_host(host=host, by=actor, now=timezone.now())
    except Refused as refused:
        notes.leave(request, notes.note_of(refused))
        return HttpResponseRedirect(f"/hosts/{name}")
    notes.leave_done(request, _("%(host)s is removed.") % {"host": name})
    return HttpResponseRedirect("/hosts")

"""Everything back on a host: the button on its page, and what each of its services answers."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import notes, pages
from slipway.interfaces.web.frame.saying import said, said_hint
from slipway.interfaces.web.frame.words import WARN
from slipway.records.fleet.queries import get_host
from slipway.records.rollouts.operations.restores import Restored, restore_host

if TYPE_CHECKING:
    from collections.abc import Iterable

    from slipway.records.accounts.rights import Actor
    from slipway.records.fleet.instance_facts import InstanceFacts

_MOST_SAID = 4  # refusals; a page keeps few notes


@require_POST
@pages.answered
def restore(request: HttpRequest, name: str) -> HttpResponse:
    """Begin it, and say on the host's page what came of it."""
    actor = asker(request)
    host = get_host(name, actor)
    try:
        restored = restore_host(
            host=host,
            by=actor,
            now=timezone.now(),
            confirm=pages.typed(request, "confirm"),
            reason=pages.typed(request, "reason"),
        )
    except Refused as refused:
        notes.leave(request, notes.note_of(refused))
    else:
        _leave(request, restored)
    return HttpResponseRedirect(f"/hosts/{host.name}")


def may_restore(actor: "Actor", instances: "Iterable[InstanceFacts]") -> bool:
    """Whether there is anything on a host that this person may put back."""
    return any(
        actor.may(Action.DEPLOY, service=each.service, environment=each.environment)
        for each in instances
        if each.version is not None
    )


def _leave(request: HttpRequest, restored: Restored) -> None:
    if rollouts := restored.rollouts:
        count = ngettext("%(n)s rollout has begun:", "%(n)s rollouts have begun:", len(rollouts))
        named = ", ".join(f"#{each.pk} {each.service.name}" for each in rollouts)
        notes.leave_done(request, f"{count % {'n': len(rollouts)}} {named}")
    for service, refused in restored.refused[:_MOST_SAID]:
        message = f"{service}: {said(refused.sentence)}"
        notes.leave(request, notes.Note(message, said_hint(refused.sentence), WARN))
    if more := restored.refused[_MOST_SAID:]:
        left = ", ".join(service for service, _refused in more)
        notes.leave(request, notes.Note(_("Left out, too: %(names)s") % {"names": left}, "", WARN))

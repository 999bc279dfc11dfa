"""Keys that open hosts: their public halves, who uses them; one is made here or pasted, once."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.fleet.hosts import fingerprint
from slipway.interfaces.web.frame import notes, pages
from slipway.interfaces.web.frame.fields import (
    Field,
    FormInput,
    opened,
    said_at,
    sent,
    told_at_its_field,
)
from slipway.records.fleet.operations.keys import add_key, generate_key, remove_key
from slipway.records.fleet.queries import environments_of, get_key, list_keys

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor

_LONGEST = 40_000  # characters; the operation says what is longer than any key
_EMPTY = {"name": "", "how": "made"}


@dataclass(frozen=True, slots=True)
class KeyRow:
    name: str
    public_key: str
    fingerprint: str
    environments: list[str]
    created_at: datetime
    by: str


@sensitive_post_parameters("private_key", "passphrase")
@require_http_methods(["GET", "POST"])
@pages.answered
def show_keys(request: HttpRequest) -> HttpResponse:
    """Show the public halves; a POST makes a key, or takes one in."""
    actor = asker(request)
    actor.require(Action.MANAGE_HOST)
    if request.method == "GET":
        first = {"name": "" if list_keys() else "default"}
        return _page(request, opened(request, _EMPTY | first))
    form = sent(request, _EMPTY)
    try:
        _keep(request, form, actor)
    except Refused as refused:
        return _page(request, form, refused)
    done = _("The key %(name)s is kept. Its private half is never shown.") % {
        "name": form["name"].value
    }
    is_made = form["how"].value == "made"  # one that was pasted is on its hosts already
    onward, link = _("Next: the hosts that it opens."), "/hosts/-/new"
    if is_made:
        onward, link = _("Put its public half on the hosts that it opens."), ""
    notes.leave_done(request, done, onward, link)
    return HttpResponseRedirect("/keys")


@require_POST
@pages.answered
def remove(request: HttpRequest, name: str) -> HttpResponse:
    """Forget a key for good."""
    actor = asker(request)
    actor.require(Action.MANAGE_HOST)  # before it is said which keys there are
    key = get_key(name)
    return pages.attempt(
        request,
        lambda: remove_key(key=key, by=actor, now=timezone.now()),
        back="/keys",
        done=_("%(key)s is removed.") % {"key": name},
    )


def _keep(request: HttpRequest, form: dict[str, Field], actor: "Actor") -> None:
    name, now = form["name"].value, timezone.now()
    if form["how"].value == "made":
        generate_key(name=name, by=actor, now=now)
        return
    with said_at("private_key"):
        add_key(
            name=name,
            private_key=pages.typed(request, "private_key")[:_LONGEST],
            passphrase=request.POST.get("passphrase", "")[:_LONGEST],
            by=actor,
            now=now,
        )


def _page(
    request: HttpRequest, form: dict[str, Field], refused: Refused | None = None
) -> HttpResponse:
    form = form | {"private_key": Field("", "")}
    form, said = told_at_its_field(form, refused, offered=form.keys(), now={})
    return pages.show(
        request,
        "web/keys.html",
        section="hosts",
        status=notes.status_of(refused) if refused else 200,
        notes=said,
        rows=[
            KeyRow(
                key.name,
                key.public_key,
                fingerprint(key.public_key),
                environments_of(key),
                key.created_at,
                key.created_by.username if key.created_by else "",
            )
            for key in list_keys()
        ],
        name=FormInput(
            "name", _("Name"), form["name"], longest=64, is_needed=True, example="default"
        ),
        how=form["how"].value,
        private_key=form["private_key"],
    )

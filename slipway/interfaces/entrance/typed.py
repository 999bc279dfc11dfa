"""What somebody typed whose session had ended: it goes along with the sign-in, and comes back."""

import json
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import quote_plus

from django.http import HttpRequest, QueryDict

from slipway.interfaces.entrance.proof import has_proof

LARGEST_FORM = 64 * 1024  # bytes that are read for somebody who is not signed in
# Bytes of it that a sign-in brings along: no more of that one is read, either.
_LONGEST = 48 * 1024
# Typed anew: nothing of them is handed on, or kept.
SECRETS = frozenset(
    {
        *("password", "password_again", "current_password"),
        *("credential", "hook_secret", "passphrase", "private_key"),
        "text",  # of an inventory, in which passwords may stand
    }
)
_PROOF = "csrfmiddlewaretoken"
_VERSION = "services/<str:name>/versions/<str:version_name>"
# Forms that are typed into, by their routes; those that show themselves are at the same address.
_SHOWN_THERE = frozenset(
    {
        "hosts/<str:name>/change",
        "hosts/-/new",
        "hosts/-/import",
        "instances/<id:instance_id>",
        "environments/<str:name>",
        "people/-/new",
        "environments/-/new",
        "environments/<str:name>/change",
        "keys",
        "build-servers/-/new",
        "build-servers/<str:name>",
        "services/<str:name>/build",
        "services/<str:name>/building",
        "services/-/new",
        "services/<str:name>/change",
        "services/<str:name>/spec",
        "services/<str:name>/versions/-/new",
    }
)
_SHOWN_ELSEWHERE = {
    "me/tokens": "/me",
    "people/-/grants": "/people/-/may",
    "instances/<id:instance_id>/lock": "/instances/{instance_id}",
    "instances/<id:instance_id>/unlock": "/instances/{instance_id}",
    "system/claims": "/system",
    "services/<str:name>/lock": "/services/{name}",
    "services/<str:name>/unlock": "/services/{name}",
    "services/<str:name>/rules": "/services/{name}",
    f"{_VERSION}/withdraw": "/services/{name}/versions/{version_name}",
    f"{_VERSION}/clear": "/services/{name}/versions/{version_name}",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields of a form of ours: the address it is sent to, and the page it stands on. `lacks`:
    a secret was among them, or what is too long: it is typed anew."""

    form: str
    page: str
    fields: dict[str, str]
    lacks: bool = False

    @property
    def as_text(self) -> str:
        return json.dumps([self.form, self.fields, self.lacks], ensure_ascii=False)

    @property
    def shortened(self) -> Self:
        """Return it without its longest fields, where it is too long to be brought along."""
        if not self.fields or len(quote_plus(self.as_text)) <= _LONGEST:
            return self
        longest = max(self.fields, key=lambda name: len(self.fields[name]))
        rest = {name: text for name, text in self.fields.items() if name != longest}
        return replace(self, fields=rest, lacks=True).shortened


def typed_before(request: HttpRequest, route: str, names: dict[str, str]) -> Typed | None:
    """Return what was typed into one of our forms, None where it was none, or where nothing proves
    that it was a page of ours it was typed into."""
    page = request.path if route in _SHOWN_THERE else _SHOWN_ELSEWHERE.get(route, "")
    if request.method != "POST" or not page or not _is_short(request):
        return None
    if not has_proof(request):  # its cookie outlives the session
        return None
    fields = _fields(request.POST)
    lacks = any(request.POST.get(name) for name in SECRETS)
    if not fields and not lacks:
        return None
    return Typed(request.path, page.format(**names), fields, lacks).shortened


def brought_along(form: QueryDict) -> Typed | None:
    """Return what came with a sign-in; None for what is none of it."""
    text = form.get("typed", "")
    try:
        address, fields, lacks = json.loads(text[:_LONGEST])
        texts = {str(name): str(value) for name, value in fields.items() if name not in SECRETS}
        return Typed(str(address), "", texts, bool(lacks))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _fields(form: QueryDict) -> dict[str, str]:
    left_out = {_PROOF, *SECRETS}
    return {name: str(value) for name, value in form.items() if name not in left_out}


def _is_short(request: HttpRequest) -> bool:
    length = request.headers.get("Content-Length", "")
    is_number = length.isascii() and length.isdigit()
    return is_number and int(length[:12]) <= LARGEST_FORM

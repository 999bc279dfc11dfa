"""Where somebody goes on who has to sign in again: nothing that was typed is lost."""

from collections.abc import Iterable
from urllib.parse import quote_plus, urlencode, urlsplit

from django.http import HttpRequest
from django.utils.http import MAX_URL_LENGTH, url_has_allowed_host_and_scheme

from slipway.interfaces.entrance.typed import LARGEST_FORM

# A form whose page takes the same fields, filled, by its address.
_FILLED = {"/rollouts/new": "/rollouts/new", "/rollouts/plan": "/rollouts/new"}
# What belongs to the session that is over, or is to be typed anew.
_LEFT_OUT = ("csrfmiddlewaretoken", "plan_hash", "confirm")
# Characters of an address as it stands in another one: proxies take an answer whose head is 4 kB.
_LONGEST = 3000
# What is kept of a form that is longer, and what of a reason that is longer still.
_NEEDED = ("kind", "service", "environment", "version", "reason")
_OF_A_REASON = 80


def way_back(request: HttpRequest) -> str:
    """Return an address of ours, "" where none is known that is short enough to be handed on."""
    if request.method == "POST" and (page := _FILLED.get(request.path_info)):
        return _filled(request, page)
    if request.method == "GET" and not request.headers.get("HX-Request"):
        return _first_short([request.get_full_path(), request.path])
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    # Nothing of a query says whose it is, and of a long one nothing is said at all.
    if not url_has_allowed_host_and_scheme(
        came_from.partition("?")[0], allowed_hosts={request.get_host()}
    ):
        return ""
    parts = urlsplit(came_from)
    whole = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return _first_short([whole, parts.path])


def _first_short(addresses: Iterable[str]) -> str:
    return next(filter(_is_short, addresses), "")


def _is_short(address: str) -> bool:
    """Return whether the login takes it: as it is, and as it stands in the login's own address."""
    return len(address) <= MAX_URL_LENGTH and len(quote_plus(address, safe="/")) <= _LONGEST


def _filled(request: HttpRequest, page: str) -> str:
    length = request.headers.get("Content-Length", "")
    if not length.isascii() or not length.isdigit() or int(length[:12]) > LARGEST_FORM:
        return page
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in _LEFT_OUT
        for value in values
        if value
    ]
    needed = [(name, value) for name, value in fields if name in _NEEDED]
    shorter = [(name, value[:_OF_A_REASON]) for name, value in needed]
    without_hosts = [field for field in fields if field[0] != "hosts"]
    ways = (fields, without_hosts, needed, shorter)
    return _first_short([*(f"{page}?{urlencode(way)}" for way in ways), page])

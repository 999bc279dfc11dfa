"""The outermost door: which names this server answers to, and HEAD, which asks as GET does."""

from ipaddress import ip_address

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from slipway.interfaces.middleware import Around, middleware
from slipway.interfaces.sentences import WRONG_NAME, sentence

# What a machine asks of itself, by whatever name: nothing in the answers depends on it.
LOOKED_AT = frozenset({"/healthz", "/metrics"})
OWN_NAME = "localhost"


@middleware
def doorway(request: HttpRequest) -> Around:
    """Refuse a name that is not ours in a sentence; answer HEAD like GET, without the body."""
    if (refused := _refused(request)) is not None:
        return refused
    bare = _is_bare(request)
    given = yield
    return _without_body(given) if bare else given


def _refused(request: HttpRequest) -> HttpResponse | None:
    if _is_named_rightly(request):
        return None
    if request.path_info in LOOKED_AT and _is_near(request):
        request.META["HTTP_HOST"] = OWN_NAME
        return None
    return sentence(request, WRONG_NAME)


def wants_only_head(request: HttpRequest) -> bool:
    """Return whether the body of the answer will be thrown away: what was asked was HEAD."""
    return request.META.get("REQUEST_METHOD") == "HEAD"


def _is_bare(request: HttpRequest) -> bool:
    """Return whether only the head is wanted; from here on the request is a GET."""
    if not wants_only_head(request):
        return False
    request.method = "GET"
    return True


def _is_named_rightly(request: HttpRequest) -> bool:
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return True


def _is_near(request: HttpRequest) -> bool:
    """Return whether this very machine asks."""
    try:
        return ip_address(str(request.META.get("REMOTE_ADDR"))).is_loopback
    except ValueError:
        return False


def _without_body(answer: HttpResponseBase) -> HttpResponseBase:
    bare = HttpResponse(status=answer.status_code)
    for name, value in answer.items():
        bare.headers[name] = value
    bare.cookies = answer.cookies
    if not isinstance(answer, StreamingHttpResponse) and isinstance(answer, HttpResponse):
        bare.headers.setdefault("Content-Length", str(len(answer.content)))
    answer.close()
    return bare

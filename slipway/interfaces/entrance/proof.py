"""The proof that a page of ours wanted what a browser sends, where Django does not look itself: at
views that are exempt from its check, and before somebody has signed in."""

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware


def has_proof(request: HttpRequest) -> bool:
    """Whether the request brings what only our pages know."""
    guard = CsrfViewMiddleware(lambda _: HttpResponse())
    asked: WSGIRequest = request  # type: ignore[assignment]
    guard.process_request(asked)
    return guard.process_view(asked, _not_exempt, (), {}) is None


def _not_exempt() -> HttpResponse:
    """Stand for a view that is not exempt from the check; never called."""
    raise NotImplementedError

"""Counts what was asked of this web process, for /metrics."""

from time import monotonic

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()
_REQUESTS = Counter(
    "slipway_http_requests",
    "Requests answered by this process.",
    ["method", "route", "status"],
    registry=REGISTRY,
)
_SECONDS = Histogram(
    "slipway_http_request_seconds",
    "Time until the answer began.",
    ["method"],
    registry=REGISTRY,
    buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def observe(request: HttpRequest, response: HttpResponseBase, arrived: float) -> None:
    """Count one answer; `arrived` is in seconds of the monotonic clock.

    The label is our route, not the path that was asked for: strangers must not make up labels.
    """
    match = request.resolver_match
    method = request.method if request.method in _METHODS else "other"
    route = match.route if match else "none"
    _REQUESTS.labels(method, route, str(response.status_code)).inc()
    _SECONDS.labels(method).observe(monotonic() - arrived)

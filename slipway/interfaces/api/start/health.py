"""Whether Slipway answers, for load balancers; and its figures, for Prometheus."""

from collections.abc import Iterable, Iterator

from django.db import Error as DatabaseTrouble
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

from slipway.interfaces.entrance import traffic
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.sentences import DATABASE_AWAY, WRONG_METHOD, sentence
from slipway.records.rollouts.ask import figures
from slipway.records.workers.queries import list_heard

READING = ("GET", "HEAD")


def healthz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, 503 when not. Says nothing else, for strangers ask."""
    if request.method not in READING:
        return _not_allowed(request)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseTrouble:
        return sentence(request, DATABASE_AWAY)
    return JsonResponse({"ok": True})


def metrics(request: HttpRequest) -> HttpResponse:
    """The figures of this process and of the records, in Prometheus' text format."""
    if not any(not right.service and not right.environment for right in asker(request).rights):
        return sentence(request, 403)  # it counts what is everywhere
    if request.method not in READING:
        return _not_allowed(request)
    records = CollectorRegistry()
    records.register(_Records())
    content = generate_latest(traffic.REGISTRY) + generate_latest(records)
    return HttpResponse(content, content_type=CONTENT_TYPE_LATEST)


class _Records(Collector):
    """What the database holds at this moment: no counter here can drift from the truth."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield _gauge("slipway_rollouts", "Rollouts by state.", figures.rollouts_by_state())
        yield _gauge(
            "slipway_instances", "Instances by status.", figures.instances_by_status(timezone.now())
        )
        yield _gauge("slipway_hosts", "Hosts by state.", figures.hosts_by_state())
        alive = GaugeMetricFamily("slipway_workers_alive", "Workers that beat.")
        alive.add_metric([], len(list_heard()))
        yield alive


def _gauge(name: str, text: str, counted: Iterable[tuple[str, int]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=["state"])
    for word, count in counted:
        family.add_metric([word], count)
    return family


def _not_allowed(request: HttpRequest) -> HttpResponse:
    answer = sentence(request, WRONG_METHOD)
    answer.headers["Allow"] = ", ".join(READING)
    return answer

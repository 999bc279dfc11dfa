"""What was begun or asked for, and nobody goes on with."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import Q

from slipway.core.builds.state import BuildStage
from slipway.core.words.sentence import Sentence
from slipway.records.catalog.models import Build, ServerCheck
from slipway.records.fleet.models import HostCheck
from slipway.records.rollouts.ask.figures import UNDRIVEN
from slipway.records.workers.models import Worker

# All of it takes minutes at most, and a claim on it grows old before that.
LEFT_ALONE = timedelta(minutes=15)


def list_forsaken(now: datetime, limit: int) -> list[Sentence]:
    """Return up to `limit` of what no living worker has, each named."""
    return list(islice(_forsaken(now, limit), limit))


def _forsaken(now: datetime, limit: int) -> Iterator[Sentence]:
    # One that nobody has may wait for its turn.
    late = Q(claimed_by="", due_at__lt=now - LEFT_ALONE) | ~Q(claimed_by="")
    due = Build.objects.filter(late, due_at__lt=now - UNDRIVEN).exclude(stage=BuildStage.OVER)
    forsaken = due.exclude(claimed_by__in=Worker.objects.heard().values("pk"))
    for build in forsaken.select_related("service").order_by("pk")[:limit]:
        yield _build(build)
    waiting = is_left_alone(now)
    for check in HostCheck.objects.filter(waiting).select_related("host").order_by("pk")[:limit]:
        yield Sentence.of("left_host_check", "check of host {host}", host=check.host.name)
    servers = ServerCheck.objects.filter(waiting).select_related("server")
    for asked in servers.order_by("requested_at")[:limit]:
        template = "check of build server {server}"
        yield Sentence.of("left_server_check", template, server=asked.server.name)


def is_left_alone(now: datetime) -> Q:
    """Return the condition of wishes that wait, or whose claim has grown old."""
    left = Q(claimed_at=None) | Q(claimed_at__lt=now - LEFT_ALONE)
    return Q(finished_at=None, requested_at__lt=now - LEFT_ALONE) & left


def _build(build: Build) -> Sentence:
    service = build.service.name
    if not build.claimed_by:
        return Sentence.of(
            "left_build", "build {build} of {service}", build=build.pk, service=service
        )
    return Sentence.of(
        "left_build_of",
        "build {build} of {service} (last with worker {worker})",
        build=build.pk,
        service=service,
        worker=build.claimed_by,
    )

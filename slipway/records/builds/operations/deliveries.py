"""What webhooks tell us: kept once, and looked into by a worker."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence
from slipway.records.builds.operations.builds import poke_builds
from slipway.records.catalog.models import Build, Delivery, Service
from slipway.records.rows.texts import storable
from slipway.records.rows.writing.claims import take_rows
from slipway.records.rows.writing.uniqueness import refused_if_taken

CLAIM_TIME = timedelta(minutes=1)
ATTEMPTS_ALLOWED = 8
KEPT_FOR = timedelta(days=7)


class _SaidBefore(Refused):
    """The delivery is there already."""


@transaction.atomic
def take_delivery(
    *,
    service: Service,
    source: str,
    key: str,
    now: datetime,
    event: str = "",
    external_id: str = "",
    ref: str = "",
    commit: str = "",
    source_address: str = "",
) -> tuple[Delivery, bool]:
    """Keep what a webhook told, whose secret was checked; returns it, and whether it is new.

    A build that is known is looked at at once; for any other a worker asks the build server.
    """
    delivery = Delivery(
        service=service,
        server=service.build_server,
        source=source,
        key=storable(key)[:128],
        event=storable(event)[:64],
        external_id=storable(external_id)[:512],
        ref=storable(ref)[:255],
        commit=storable(commit)[:64],
        source_address=source_address[:64],
        received_at=now,
        due_at=now,
    )
    try:
        with refused_if_taken(_SaidBefore("said before")):
            delivery.save(force_insert=True)
    except _SaidBefore:
        known = Delivery.objects.get(service=service, source=source, key=delivery.key)
        return known, False
    if external_id:
        poke_builds(service=service, external_id=external_id, now=now)
    return delivery, True


@dataclass(frozen=True, slots=True)
class DeliveryToHandle:
    """What a webhook told of a service, and the build server is to be asked about."""

    id: int
    service: str
    external_id: str
    attempts: int


def list_deliveries_to_handle(*, now: datetime, limit: int) -> list[DeliveryToHandle]:
    """Take deliveries that wait; whoever took them for longer than a minute has died."""
    waiting = Delivery.objects.filter(due_at__lte=now).order_by("due_at", "id")
    taken = take_rows(waiting, limit, due_at=now + CLAIM_TIME)
    columns = ("pk", "service__name", "external_id", "attempts")
    rows = Delivery.objects.filter(pk__in=taken).order_by("id").values_list(*columns)
    return [DeliveryToHandle(*row) for row in rows]


def finish_delivery(
    *, delivery_id: int, outcome: Sentence, now: datetime, build_id: int | None = None
) -> None:
    """Write down what came of it."""
    Delivery.objects.filter(pk=delivery_id).update(
        due_at=None, handled_at=now, outcome=outcome, build=build_id
    )


def became(build: Build) -> Sentence:
    """Return the outcome of a delivery that led to a build."""
    return Sentence.of("became", "It became {version}.", version=build.version.name)


def put_off_delivery(*, delivery: DeliveryToHandle, problem: Refused, now: datetime) -> None:
    """The server did not say: later, and after some attempts never (polling finds it)."""
    attempts = delivery.attempts + 1
    is_hopeless = attempts >= ATTEMPTS_ALLOWED
    Delivery.objects.filter(pk=delivery.id).update(
        attempts=attempts,
        due_at=None if is_hopeless else now + timedelta(seconds=min(2**attempts, 300)),
        handled_at=now if is_hopeless else None,
        outcome=problem.sentence,
    )


def forget_deliveries(*, now: datetime) -> int:
    """Forget those older than seven days; a replay after that has an old timestamp anyway."""
    count, _ = Delivery.objects.filter(received_at__lt=now - KEPT_FOR, due_at=None).delete()
    return count

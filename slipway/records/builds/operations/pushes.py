"""What a webhook tells of a push: kept once, and built where its ref is wanted."""

import hashlib
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac

from slipway.core.builds.settings import parse_build
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.builds.operations.builds import request_build
from slipway.records.builds.operations.deliveries import became, finish_delivery, take_delivery
from slipway.records.catalog.models import Build, Delivery, Service

_NOT_BUILT = Sentence.of("ref_not_built", "Its ref is not among those that are built (refs).")
_HALF = 48  # hexadecimal digits of each half of a key: 192 bits


@transaction.atomic
def take_push(
    *,
    service: Service,
    source: str,
    key: str,
    ref: str,
    commit: str,
    now: datetime,
    event: str = "",
    source_address: str = "",
) -> tuple[Delivery, bool]:
    """Keep that a ref was pushed and, where the service's `refs` take it, have it built.

    Returns the delivery, and whether it is new. Said twice it is one delivery and one build.
    """
    delivery, is_new = take_delivery(
        service=service,
        source=source,
        key=key,
        now=now,
        event=event,
        ref=ref,
        commit=commit,
        source_address=source_address,
    )
    if is_new:
        outcome, build = _built(delivery, service, ref, commit, now)
        finish_delivery(
            delivery_id=delivery.pk, outcome=outcome, now=now, build_id=build.pk if build else None
        )
    return delivery, is_new


@transaction.atomic
def signed_key(*, service: Service, source: str, signature: str, key: str) -> str:
    """Return the key of a delivery that was signed, or of the one that it repeats.

    A copy has the same signature, whatever key somebody gave it: the signature does not cover
    that. Whoever sends again signs again, and gives the same key. The service stays locked to the
    end of the transaction: of two at once the later one sees the earlier one's delivery.
    """
    Service.objects.select_for_update(of=("self",)).get(pk=service.pk)
    mark, said = _digest(signature), _digest(key) if key else ""
    same = Q(key__startswith=mark) | (Q(key__endswith=f"-{said}") if said else Q(pk__in=[]))
    known = Delivery.objects.filter(same, service=service, source=source)
    return known.values_list("key", flat=True).first() or f"{mark}-{said}"


def _built(
    delivery: Delivery, service: Service, ref: str, commit: str, now: datetime
) -> tuple[Sentence, Build | None]:
    """Return what came of it, and the build."""
    try:
        if not parse_build(service.build).takes(ref):
            return _NOT_BUILT, None
        build = request_build(
            service=service,
            by=replace(Actor.system(), source=f"hook:{delivery.source}"),
            now=now,
            ref=ref,
            commit=commit,
            correlation=_correlation(delivery),
        )
    except Refused as refused:
        return refused.sentence, None
    return became(build), build


def _correlation(delivery: Delivery) -> str:
    """The same for the same delivery, also after it was forgotten, and nobody can guess it."""
    said = f"{delivery.service_id} {delivery.source} {delivery.key}"
    return salted_hmac("slipway.pushes", said, algorithm="sha256").hexdigest()[:32]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_HALF]

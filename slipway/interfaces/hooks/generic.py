"""Webhooks of anybody's own, signed: a push to be built, or a build to be looked at."""

from collections.abc import Callable
from functools import partial

from django.db import transaction

from slipway.core.reading.generic_notice import GenericNotice, NoticeEvent, parse_generic
from slipway.interfaces.hooks.letters import (
    UNREADABLE_JSON,
    Letter,
    name_in,
    no_json,
    prove,
    receives,
    require_any,
    turn_away,
)
from slipway.interfaces.hooks.proofs import is_fresh, signature_proof
from slipway.records.builds.operations import deliveries, pushes
from slipway.records.builds.queries import hooks

SOURCE = "generic"


def _take(letter: Letter) -> None:
    timestamp, signature = (
        letter.header("X-Slipway-Timestamp"),
        letter.header("X-Slipway-Signature"),
    )
    if not signature or not is_fresh(timestamp, letter.at):
        raise turn_away()
    proof = signature_proof(signature, f"{timestamp}.".encode() + letter.body)
    values = letter.values()
    name = name_in(values, "service")
    if not name:
        require_any(letter, proof, ())
        if values is UNREADABLE_JSON:
            raise no_json()
        parse_generic(values)
        return
    proven = prove(proof, hooks.list_hooked_by_name(name))
    notice = parse_generic(values)
    for service in hooks.get_hooked_services(proven):
        with transaction.atomic():
            key = pushes.signed_key(
                service=service,
                source=SOURCE,
                signature=signature,
                key=letter.header("Idempotency-Key"),
            )
            _take_in(notice)(
                service=service,
                source=SOURCE,
                key=key,
                event=notice.event,
                ref=notice.ref,
                commit=notice.commit,
                source_address=letter.address,
                now=letter.at,
            )


def _take_in(notice: GenericNotice) -> Callable[..., object]:
    if notice.event is NoticeEvent.PUSH:
        return pushes.take_push
    return partial(deliveries.take_delivery, external_id=notice.build)


take_generic = receives(_take)

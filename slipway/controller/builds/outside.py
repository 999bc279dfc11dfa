"""Builds that others start on a build server: heard of by webhooks, and found by polling."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

import structlog

from slipway.controller.worker import clock
from slipway.controller.worker.calls import Calls
from slipway.controller.worker.desk import Desk
from slipway.controller.worker.faults import as_refusal
from slipway.core.builds.orders import BuildOrder, ServerKind
from slipway.core.builds.seen import SeenBuild
from slipway.core.builds.settings import parse_build
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence
from slipway.ports.builds import BuildGone, BuildServer
from slipway.records.builds.operations import builds
from slipway.records.builds.operations.deliveries import (
    DeliveryToHandle,
    became,
    finish_delivery,
    list_deliveries_to_handle,
    put_off_delivery,
)
from slipway.records.builds.operations.polls import (
    DuePoll,
    finish_poll,
    list_due_polls,
    put_off_poll,
)
from slipway.records.builds.queries import known
from slipway.records.builds.queries.builds import get_service_order
from slipway.records.catalog.queries.services import get_service

AT_ONCE = 16
OVERLAP = timedelta(minutes=2)  # looked at twice: clocks differ, and lists come late

_NOTHING_TO_ASK = Sentence.of("nothing_to_ask", "Nothing to ask.")
_KNOWN = Sentence.of("build_known", "The build is known.")
_OURS = Sentence.of("build_ours", "The build is ours.")
_REF_NOT_TAKEN = Sentence.of("ref_not_taken", "No build of this ref becomes a version.")

log = structlog.get_logger()


class NotYet(Refused):
    """Something of ours was just ordered: a moment later it can be told apart."""

    code = "not_yet"


class OutsideBuilds:
    """What a webhook says is only a hint: the build server is asked, with our credential."""

    def __init__(
        self, *, desk: Desk, servers: Mapping[ServerKind, BuildServer], calls: Calls
    ) -> None:
        self._desk = desk
        self._servers = servers
        self._calls = calls

    async def handle_once(self) -> int:
        """Look into what webhooks told; returns how many there were."""
        deliveries = await self._desk.run(
            partial(list_deliveries_to_handle, now=clock.now(), limit=AT_ONCE)
        )
        await asyncio.gather(*(self._handle(delivery) for delivery in deliveries))
        return len(deliveries)

    async def poll_once(self) -> int:
        """Look for what no webhook told; returns how many services were looked after."""
        polls = await self._desk.run(partial(list_due_polls, now=clock.now(), limit=AT_ONCE))
        await asyncio.gather(*(self._poll(poll) for poll in polls))
        return len(polls)

    async def _handle(self, delivery: DeliveryToHandle) -> None:
        try:
            outcome, build_id = await self._outcome(delivery)
        except BuildGone as gone:
            outcome, build_id = gone.sentence, None
        except Exception as error:  # one of them must not keep the others waiting
            await self._desk.run(
                partial(
                    put_off_delivery,
                    delivery=delivery,
                    problem=as_refusal(error, "build_question_failed"),
                    now=clock.now(),
                )
            )
            return
        await self._desk.run(
            partial(
                finish_delivery,
                delivery_id=delivery.id,
                outcome=outcome,
                build_id=build_id,
                now=clock.now(),
            )
        )

    async def _outcome(self, delivery: DeliveryToHandle) -> tuple[Sentence, int | None]:
        """Returns what came of it, and the build it led to."""
        service = delivery.service
        order = await self._desk.run(partial(get_service_order, service))
        if order is None or not delivery.external_id:
            return _NOTHING_TO_ASK, None
        if await self._desk.run(partial(_is_known, service, delivery.external_id)):
            return _KNOWN, None
        seen = await self._calls.run(
            lambda: self._servers[order.access.kind].look(order, delivery.external_id)
        )
        return await self._adopt(service, seen)

    async def _poll(self, poll: DuePoll) -> None:
        service, asked_at = poll.service, clock.now()
        try:
            order = await self._desk.run(partial(get_service_order, service))
            if order is not None:
                await self._adopt_recent(service, order, poll)
        except Exception as error:
            problem = as_refusal(error, "build_question_failed")
            log.info("poll_failed", service=service, problem=problem.message)
            write = partial(put_off_poll, problem=problem)
        else:
            write = partial(finish_poll, seen_until=asked_at)
        await self._desk.run(partial(write, poll_id=poll.id, now=clock.now()))

    async def _adopt_recent(self, service: str, order: BuildOrder, poll: DuePoll) -> None:
        since = poll.seen_until - OVERLAP
        recent = await self._calls.run(
            lambda: self._servers[order.access.kind].list_recent(order, since)
        )
        # The oldest first: of two of one commit, that one is no duplicate.
        for seen in reversed(recent):
            if not await self._desk.run(partial(_is_known, service, seen.id)):
                await self._adopt(service, seen)

    async def _adopt(self, service: str, seen: SeenBuild) -> tuple[Sentence, int | None]:
        return await self._desk.run(partial(_adopt, service, seen))


def _is_known(service: str, external_id: str) -> bool:
    return known.is_known(get_service(service), external_id)


def _adopt(name: str, seen: SeenBuild) -> tuple[Sentence, int | None]:
    service = get_service(name)
    if not parse_build(service.build).takes(seen.ref):
        return _REF_NOT_TAKEN, None
    if known.has_unnamed_orders(service):
        raise NotYet("A build of {service} was just ordered.", service=name)
    if seen.correlation and known.is_ours(seen.correlation):
        return _OURS, None
    build = builds.adopt_build(
        service=service,
        external_id=seen.id,
        ref=seen.ref,
        commit=seen.commit,
        url=seen.url,
        now=clock.now(),
    )
    if build is None:
        return _KNOWN, None
    return became(build), build.pk

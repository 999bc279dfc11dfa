"""Numbers the messages of one claim, and hears where hosts know a later one."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from slipway.controller.worker.desk import Desk
from slipway.core.hosts.claims import known_ahead
from slipway.core.release.steps import Fence
from slipway.core.words.sentence import Sentence
from slipway.ports import ForeignClaim, StaleClaim
from slipway.records.rollouts.run.claims import Claim
from slipway.records.rollouts.run.later_claims import (
    Ahead,
    keep_refusals,
    note_answers,
    require_highest,
)
from slipway.records.rollouts.run.loading import Loaded


class Fences:
    """`ahead` are places that have refused a claim of ours before, and not answered since."""

    def __init__(
        self,
        desk: Desk,
        held: Claim,
        loaded: Loaded,
        *,
        installation: str,
        ahead: frozenset[str],
        now: Callable[[], datetime],
    ) -> None:
        self._desk = desk
        self._held = held
        self._loaded = loaded
        self._installation = installation
        self._now = now
        self._sequence = 0
        self._ahead = set(ahead)
        self._refused: dict[str, Ahead] = {}  # since the last beat
        self._answered: set[str] = set()  # likewise
        self._kept: dict[str, Ahead] = {}

    def __call__(self) -> Fence:
        """Return the number of the next message; questions have one, too."""
        self._sequence += 1
        return Fence(self._held.epoch, self._sequence, self._installation)

    def refused(self, place: str, stale: StaleClaim) -> Sentence:
        """Hear that a place has taken a later message; returns what is told of it."""
        theirs = stale.installation if isinstance(stale, ForeignClaim) else ""
        if not theirs and stale.epoch <= self._held.epoch:
            return stale.sentence  # it is no later claim: a message of ours was late, or it lies
        told = stale.sentence if theirs else self._told(place, stale)
        self._refused[place] = Ahead(place, stale.epoch, theirs, told)
        self._answered.discard(place)
        self._ahead.add(place)
        return told

    def answered(self, place: str) -> None:
        """Hear that a place has taken a message of this claim."""
        if place in self._ahead:
            self._ahead.discard(place)
            self._refused.pop(place, None)
            self._kept.pop(place, None)
            self._answered.add(place)

    async def settle(self) -> None:
        """Ask our row whose those claims are: a newer one of ours, and we go silently; else they
        are written down and told. Raises LeaseLost, also where it is to be claimed anew."""
        answered, self._answered = self._answered, set()
        refused, self._refused = self._refused, {}
        if answered:
            await self._run(note_answers, self._held, self._loaded, answered, self._now())
        if not refused:
            return
        await self._run(require_highest, self._held, list(refused.values()))
        fresh = [each for place, each in refused.items() if each != self._kept.get(place)]
        if fresh:
            await self._run(keep_refusals, self._held, self._loaded, fresh, self._now())
            self._kept |= refused

    async def _run(self, work: Callable[..., None], *given: object) -> None:
        await self._desk.run(partial(work, *given))

    def _told(self, place: str, stale: StaleClaim) -> Sentence:
        return known_ahead(
            host=self._loaded.places[place].host,
            service=self._loaded.plan.service,
            epoch=stale.epoch,
            ours=self._held.epoch,
        )

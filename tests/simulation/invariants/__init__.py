"""One invariant for each sentence that can be checked, told at the moment it is broken.

They judge from the world's truth and from what hosts' answers said, never from a decision of the
brain. The tables of docs/meanings.md say which sentence each of them is.
"""

from typing import TYPE_CHECKING

from slipway.core.hosts.seen import Outcome
from slipway.core.rollout.value.events import Wished
from slipway.core.rollout.value.looks import Look
from slipway.core.rollout.value.questions import Answer
from slipway.core.rollout.value.rollout import Rollout, Target
from slipway.core.rollout.value.words import Cause, Word
from tests.simulation.invariants import ends, hosts, moves, plans, quiet
from tests.simulation.invariants.broken import Broken
from tests.simulation.invariants.memory import NEVER, Memory

if TYPE_CHECKING:
    from tests.simulation.hosts import Errand, Spot, Ticket
    from tests.simulation.world import World


class Judge:
    """Is told by the world of everything that happens."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.memory = Memory()

    # --- what was heard ----------------------------------------------------------------------

    def heard(self, number: int, place: str, look: Look) -> None:
        self.memory.heard[number][place] = (self.world.now, look)
        disturbed = self.world.spots[place].disturbed_at
        if self.memory.first_heard.get((number, place), (NEVER, 0))[0] != disturbed:
            self.memory.first_heard[number, place] = (disturbed, self.world.now)
        self.memory.last_word[number, place] = self.world.now
        if not look.healthy:
            self.memory.ever_ill.add((number, place))
        self.memory.vain.pop((number, place), None)
        self.memory.vain_since.pop((number, place), None)
        if look.report is None or look.report.outcome is not Outcome.RUNNING:
            self.memory.unheard_since.pop((number, place), None)

    def lost(self, number: int, place: str, cause: Cause) -> None:
        of, memory = (number, place), self.memory
        memory.last_word[of] = self.world.now
        memory.vain[of] = memory.vain.get(of, 0) + 1
        memory.vain_since.setdefault(of, self.world.now)
        memory.unheard_since.setdefault(of, self.world.now)
        memory.vain_cause[of] = cause

    def drove(self, value: Rollout) -> None:
        hosts.all_are_looked_at(self.memory, self.world, value)

    def gap(self, number: int) -> None:
        memory = self.memory
        memory.heard[number] = {}
        memory.gap_at[number] = self.world.now
        for of in [of for of in memory.vain if of[0] == number]:
            del memory.vain[of]
            memory.vain_since.pop(of, None)
        for of in [of for of in memory.unheard_since if of[0] == number]:
            del memory.unheard_since[of]
        for of in [of for of in memory.sent_since if of[0] == number]:
            del memory.sent_since[of]

    def outage(self) -> None:
        if self.world.now >= self.world.outage_until:
            self.memory.outage_began = self.world.now

    def wished(self, value: Rollout, wish: Wished) -> None:
        memory, now = self.memory, self.world.now
        memory.questions[value.number] = memory.questions[value.number][-1:]
        code = value.asks.code.value if value.asks else ""
        goes_on = wish.answer is not Answer.CANCEL
        if wish.word in (Word.ANSWER, Word.RESUME) and goes_on and code:
            memory.went_on[value.number, code] = now
        if wish.word is Word.CANCEL or wish.answer is Answer.CANCEL:
            memory.cancelled_at.setdefault(value.number, now)

    # --- what happened -----------------------------------------------------------------------

    def begins(self, spot: "Spot", errand: "Errand") -> None:
        hosts.begins(self.memory, self.world, spot, errand)

    def disturbed(self, spot: "Spot", ticket: "Ticket") -> None:
        number = int(ticket.errand.name.split(":")[0])
        self.memory.disturbed.add((number, spot.place))

    def taken_away(self, spot: "Spot", ticket: "Ticket") -> None:
        hosts.taken_away(self.memory, self.world, spot, ticket)

    def restored(self, spot: "Spot") -> None:
        """What it ran it does not remember."""
        memory = self.memory
        memory.disturbed = {of for of in memory.disturbed if of[1] != spot.place}
        self.memory.begun = {n for n in self.memory.begun if f":{spot.place}:" not in n}

    def planned(
        self, kind: str, value: Rollout, retries: int, undone: Rollout | None = None
    ) -> None:
        plans.planned(self.memory, self.world, kind, value, retries, undone)

    def moved(self, before: Rollout, value: Rollout, old: Target, new: Target) -> None:
        moves.moved(self.memory, self.world, before, value, old, new)

    def changed(self, before: Rollout, value: Rollout) -> None:
        ends.changed(self.memory, self.world, before, value)

    def ended(self, value: Rollout) -> None:
        ends.ended(self.memory, self.world, value)

    def tick(self) -> None:
        hosts.tick(self.memory, self.world)

    def calm_began(self) -> None:
        self.memory.calm_since = self.world.now

    def in_calm(self, value: Rollout, count: int) -> None:
        quiet.in_calm(self.memory, self.world, value, count)

    def calm(self) -> None:
        quiet.calm(self.memory, self.world)


__all__ = ["Broken", "Judge"]

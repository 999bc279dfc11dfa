"""A rollout from beginning to end under random outcomes: the safety rules hold at every moment."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

import pytest

from slipway.core.rollout.decision import (
    Cancelled,
    Complete,
    Decision,
    Halt,
    RolloutState,
    Start,
    TargetState,
    Wait,
    decide,
)
from slipway.core.rollout.status import TargetStatus
from tests.core.pictures import NOW

SEEDS = 2000
MOST_EVENTS = 2000


@dataclass
class World:
    """What a controller, hosts and people would do, at random but repeatably."""

    seed: int
    now: datetime = NOW
    state: RolloutState = field(init=False)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        sizes = [self.chance.randint(1, 6) for _ in range(self.chance.randint(1, 4))]
        batches = [batch for batch, size in enumerate(sizes, start=1) for _ in range(size)]
        self.state = RolloutState(
            targets=tuple(
                TargetState(number, batch, was_healthy=self.chance.random() > 0.15)
                for number, batch in enumerate(batches)
            ),
            failures_allowed=self.chance.randint(0, 4),
            failures_allowed_canary=self.chance.randint(0, 1),
            max_unavailable=self.chance.randint(1, 5),
            bake_time=timedelta(minutes=self.chance.choice([0, 0, 3])),
            needs_promotion=self.chance.random() < 0.2,
            last_progress_at=self.now,
        )
        # How hosts behave in this history: from all well to nearly all dead.
        self.wellness = self.chance.choice([1.0, 0.95, 0.7, 0.2])

    def histories(self) -> Iterator[tuple[RolloutState, Decision]]:
        for _ in range(MOST_EVENTS):
            decision = decide(self.state, self.now)
            yield self.state, decision
            if isinstance(decision, Halt | Complete | Cancelled):
                return
            if isinstance(decision, Start):
                self._set(TargetStatus.RUNNING, decision.ids)
            self._happen(decision)
        pytest.fail(f"seed {self.seed} never ends")

    def _happen(self, decision: Decision) -> None:
        self.now += timedelta(seconds=self.chance.randint(1, 90))
        if self.chance.random() < 0.02:
            self.state = replace(self.state, paused=not self.state.paused)
        if self.chance.random() < 0.005:
            self.state = replace(self.state, cancelled=True)
        in_flight = [target.id for target in self.state.targets if target.status.in_flight]
        if in_flight:
            self._answer(self.chance.choice(in_flight))
        elif isinstance(decision, Wait):
            self._person_or_time(decision)

    def _person_or_time(self, decision: Wait) -> None:
        if decision.until:
            self.now = max(self.now, decision.until)
        elif self.state.paused:
            self.state = replace(self.state, paused=False)
        else:
            promoted = self.state.promoted_batches + 1
            self.state = replace(self.state, promoted_batches=promoted)

    def _answer(self, target: int) -> None:
        roll = self.chance.random()
        if roll < 0.3:
            return  # still busy
        if roll < 0.4:
            self._set(TargetStatus.UNKNOWN, (target,))
        elif self.chance.random() < self.wellness:
            self._set(TargetStatus.SUCCEEDED, (target,))
            self.state = replace(self.state, last_progress_at=self.now)
        else:
            failure = self.chance.choice([TargetStatus.FAILED, TargetStatus.UNREACHABLE])
            self._set(failure, (target,))

    def _set(self, status: TargetStatus, ids: tuple[int, ...]) -> None:
        finished_at = self.now if status.is_over else None
        self.state = replace(
            self.state,
            targets=tuple(
                replace(target, status=status, finished_at=finished_at)
                if target.id in ids
                else target
                for target in self.state.targets
            ),
        )


def taken_away(state: RolloutState, decision: Start) -> int:
    """Count what will not serve once `decision` is followed, unreachable hosts left out."""
    away = {TargetStatus.RUNNING, TargetStatus.UNKNOWN, TargetStatus.FAILED}
    waiting = {TargetStatus.PENDING, TargetStatus.CANCELLED}
    return sum(
        target.id in decision.ids
        or target.status in away
        or (target.status in waiting and not target.was_healthy)
        for target in state.targets
    )


def test_every_history_is_safe_and_ends() -> None:
    ends = {Halt: 0, Complete: 0, Cancelled: 0}
    for seed in range(SEEDS):
        for state, decision in World(seed).histories():
            if isinstance(decision, Start):
                _assert_safe(seed, state, decision)
            elif not isinstance(decision, Wait):
                ends[type(decision)] += 1
    # A simulation that never reaches an end would prove nothing about it.
    assert sum(ends.values()) == SEEDS
    assert min(ends.values()) > SEEDS // 50, ends


def _assert_safe(seed: int, state: RolloutState, decision: Start) -> None:
    by_id = {target.id: target for target in state.targets}
    started = [by_id[number] for number in decision.ids]
    assert not state.paused, seed
    assert not state.cancelled, seed
    for target in state.targets:
        if target.batch < started[0].batch:
            assert target.status.is_over, seed
    if any(target.was_healthy for target in started):
        assert taken_away(state, decision) <= state.max_unavailable, seed
    failed = [target for target in state.targets if target.status.is_failure]
    assert len(failed) <= state.failures_allowed, seed

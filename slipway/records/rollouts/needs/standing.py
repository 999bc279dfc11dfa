"""How far a rollout has come, as one value: what is said of it first, and what can be done."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from slipway.core.rollout.told.status import TargetStatus
from slipway.core.rollout.value.questions import Question
from slipway.core.words.kinds import RolloutKind, RolloutStatus
from slipway.core.words.sentence import Sentence
from slipway.records.rollouts.ask.driving import Driving
from slipway.records.rollouts.ask.queries import question_of
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.needs.waiting import gate_of, waits_for_promotion
from slipway.records.rollouts.target_glances import SomeTarget


@dataclass(frozen=True, slots=True)
class Standing:
    """How a rollout stands. `batch` is the one under way, `batches` the number of all; `gate` is
    the batch that is over while the next has not begun, 0 where there is none; `since` the number
    of the newest later rollout that touched the same, 0 for none; `is_past` when later ones have
    touched all that it had."""

    kind: RolloutKind
    state: RolloutStatus
    service: str
    environment: str
    is_guarded: bool  # a stray key must not change anything there
    version: str  # "" where each place has its own
    outcome: Sentence | None
    question: Question | None
    is_ending: bool  # somebody wants it cancelled
    waits_for_promotion: bool
    failures_allowed: int
    states: Counter[str]
    batch: int
    batches: int
    in_batch: Counter[str]
    gate: int
    baked_at: datetime | None
    has_owing: bool  # something that it touched is not back
    rollback: int
    since: int
    is_past: bool
    driving: Driving | None = None

    @classmethod
    def of(
        cls,
        rollout: Rollout,
        targets: Sequence[SomeTarget],
        rollbacks: Sequence[Rollout],
        since: tuple[int, bool] = (0, False),
        driving: Driving | None = None,
    ) -> Self:
        batches = sorted({target.batch for target in targets})
        open_ones = [t.batch for t in targets if not TargetStatus(t.state).is_over]
        batch = min(open_ones, default=batches[-1] if batches else 0)
        current = Counter(t.state for t in targets if t.batch == batch)
        before = [t.finished_at for t in targets if t.batch < batch and t.finished_at]
        gate = gate_of(targets)
        is_baking = gate and before and rollout.bake_time
        return cls(
            kind=RolloutKind(rollout.kind),
            state=RolloutStatus(rollout.state),
            service=rollout.service.name,
            environment=rollout.environment.name,
            is_guarded=rollout.environment.is_guarded,
            version=rollout.version.name if rollout.version else "",
            outcome=rollout.outcome,
            question=question_of(rollout),
            is_ending=rollout.cancel_requested,
            waits_for_promotion=waits_for_promotion(rollout, gate),
            failures_allowed=rollout.failures_allowed,
            states=Counter(target.state for target in targets),
            batch=batch,
            batches=len(batches),
            in_batch=current,
            gate=gate,
            baked_at=max(before) + rollout.bake_time if is_baking else None,
            has_owing=any(
                target.touched and target.state != TargetStatus.TAKEN_BACK for target in targets
            ),
            rollback=rollbacks[0].pk if rollbacks else 0,
            since=since[0],
            is_past=since[1],
            driving=driving,
        )

    @property
    def total(self) -> int:
        return self.states.total()

    @property
    def done(self) -> int:
        return self.states[TargetStatus.SUCCEEDED]

    @property
    def working(self) -> int:
        return self.states[TargetStatus.RUNNING] + self.states[TargetStatus.UNKNOWN]

    @property
    def failed(self) -> int:
        return self.states[TargetStatus.FAILED] + self.states[TargetStatus.UNREACHABLE]

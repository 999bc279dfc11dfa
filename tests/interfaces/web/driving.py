"""Drives rollouts as a worker would, through the same operations, with no host behind them."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

from django.db import transaction
from django.utils import timezone
from slipway.records.rollouts.progress import Line
from slipway.records.rollouts.steps import Intent, Report, StepOutcome

from slipway.core.kinds import RolloutStatus
from slipway.core.refusal import Refused
from slipway.core.rollout.status import TargetStatus
from slipway.core.seen import SeenInstance
from slipway.core.sentence import Sentence
from slipway.records.rollouts import endings, progress, steps
from slipway.records.rollouts.models import Rollout, Target
from tests.sentences import said

STEPS = ("unpack", "switch", "restart", "probe")
_tickets = count(1)


class StepFailed(Refused):
    code = "step_failed"


@dataclass(frozen=True)
class Drive:
    """A rollout and the claim on it."""

    rollout_id: int
    epoch: int

    @classmethod
    def take(cls, rollout: Rollout) -> "Drive":
        with transaction.atomic():
            epoch = progress.claim(rollout_id=rollout.pk, driver="test", now=timezone.now())
        return cls(rollout.pk, epoch)

    def targets(self) -> list[Target]:
        targets = Target.objects.filter(rollout_id=self.rollout_id).select_related("to_version")
        return list(targets.order_by("batch", "id"))

    @transaction.atomic
    def start(self, *targets: Target) -> None:
        """Begin with targets, and with their first step."""
        now = timezone.now()
        progress.start_targets(
            rollout_id=self.rollout_id,
            epoch=self.epoch,
            target_ids=[target.pk for target in targets],
            now=now,
        )
        for target in targets:
            rows = tuple(
                (name, f"{name}-{target.pk}-{next(_tickets)}", n) for n, name in enumerate(STEPS)
            )
            steps.begin_steps(
                rollout_id=self.rollout_id,
                epoch=self.epoch,
                intents=[Intent(target.pk, 1, rows)],
                now=now,
            )

    @transaction.atomic
    def step(
        self, target: Target, done: Iterable[str], under_way: str, *, exit_code: int = 0
    ) -> None:
        """End steps of a target; the last one ends with `exit_code`."""
        now, names = timezone.now(), list(done)
        tickets = dict(target.steps.values_list("name", "ticket"))
        outcomes = tuple(
            StepOutcome(
                tickets[name],
                exit_code if name == names[-1] else 0,
                now,
                now,
                output=f"{name}: \x1b[32mready\x1b[0m",
                bytes_moved=2_000_000 if name == "unpack" else 0,
            )
            for name in names
        )
        steps.finish_steps(
            rollout_id=self.rollout_id,
            epoch=self.epoch,
            reports=[Report(target.pk, outcomes, under_way)],
            now=now,
        )

    @transaction.atomic
    def succeed(self, target: Target) -> None:
        self.step(target, STEPS, "")
        version = target.to_version.name if target.to_version else ""
        seen = SeenInstance(str(target.port or "main"), version, "active", version, 1, self.epoch)
        self._finish(target, TargetStatus.SUCCEEDED, seen, None)

    @transaction.atomic
    def fail(self, target: Target, problem: Refused | None = None) -> None:
        self.step(target, STEPS, "", exit_code=70)
        ill = StepFailed(
            "{host}: it never got healthy.", hint="Read the log.", host=target.host.name
        )
        self._finish(target, TargetStatus.FAILED, None, problem or ill)

    @transaction.atomic
    def say(
        self, words: Sentence | str, *, level: str = "info", target: Target | None = None
    ) -> None:
        line = Line(words, level, target.pk if target else None)
        progress.tell(
            rollout_id=self.rollout_id, epoch=self.epoch, lines=[line], now=timezone.now()
        )

    @transaction.atomic
    def close(
        self,
        state: RolloutStatus = RolloutStatus.SUCCEEDED,
        outcome: Sentence | str = "It is over.",
    ) -> None:
        endings.close_rollout(
            rollout_id=self.rollout_id,
            epoch=self.epoch,
            state=state,
            outcome=said(outcome) if isinstance(outcome, str) else outcome,
            now=timezone.now(),
        )

    def finish(self) -> None:
        """Bring everything to a good end."""
        waiting = [t for t in self.targets() if t.state == TargetStatus.PENDING]
        self.start(*waiting)
        for target in self.targets():
            if not TargetStatus(target.state).is_over:
                self.succeed(target)
        self.close()

    def _finish(
        self,
        target: Target,
        state: TargetStatus,
        seen: SeenInstance | None,
        problem: Refused | None,
    ) -> None:
        endings.finish_target(
            rollout_id=self.rollout_id,
            epoch=self.epoch,
            target_id=target.pk,
            state=state,
            seen=seen,
            problem=problem,
            now=timezone.now(),
        )

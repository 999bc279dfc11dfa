"""Drives rollouts as a worker would, through the same room, with no host behind them."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from slipway.core.rollout.value.words import End
from slipway.core.words.sentence import Sentence
from slipway.records.rollouts.models import Rollout, Target
from slipway.records.workers.models import Worker
from tests.hand import STEPS, Hand


class Drive(Hand):
    """A rollout and the claim on it."""

    @classmethod
    def take(cls, rollout: Rollout, worker: str = "test") -> "Drive":
        """As a worker that stays alive for as long as any test takes."""
        now = timezone.now()
        Worker.objects.get_or_create(
            pk=worker, defaults={"started_at": now, "beat_at": now + timedelta(hours=1)}
        )
        return cls(rollout, worker)

    def targets(self) -> list[Target]:
        rows = Target.objects.filter(rollout_id=self.value.number)
        return list(rows.select_related("to_version", "host").order_by("batch", "id"))

    def step(  # type: ignore[override]
        self,
        target: Target | str,
        done: Iterable[str],
        under_way: str = "",
        *,
        exit_code: int = 0,
    ) -> None:
        """End steps of a target; the last one ends with `exit_code`."""
        super().step(
            target,
            done,
            under_way,
            exit_code=exit_code,
            output="\x1b[32mready\x1b[0m",
            bytes_moved=2_000_000,
        )

    def succeed(self, target: Target | str) -> None:  # type: ignore[override]
        self.step(target, STEPS)
        super().succeed(target)

    def fail(  # type: ignore[override]
        self, target: Target | str, message: Sentence | str = "{place}: it never got healthy."
    ) -> None:
        self.step(target, STEPS, exit_code=70)
        super().fail(target, message)

    def finish(self) -> None:  # type: ignore[override]
        """Bring everything to a good end."""
        self.start(*self.waiting())
        for place in self.places():
            if self.value.target(place).is_open:
                self.succeed(place)
        self.close(End.SUCCEEDED)

"""A rollout as it is shown, and its parts: targets, their steps, the lines of its log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from slipway.core.rollout.value.questions import Question
from slipway.core.words.names import place_name
from slipway.core.words.sentence import Sentence
from slipway.records.rollouts.models import LogLine, Rollout, Step, Target
from slipway.records.rollouts.run.loading import question_from_json
from slipway.records.rows.facts import read_as


@dataclass(frozen=True, slots=True)
class RolloutFacts:
    """What is known of a rollout apart from its targets. `version` is "" where each place has its
    own, `by` where the system asked for it; `end` and `halted` are "" as long as nothing is so;
    `question` is what Slipway asks, None for nothing."""

    id: int
    kind: str
    service: str
    environment: str
    is_guarded: bool
    version: str
    state: str
    end: str
    halted: str
    watching: bool
    question: Question | None
    withdrawn: Sequence[str]
    reverts: int | None
    retry_of: int | None
    automatic: bool
    cause: Sentence | None
    reason: str
    outcome: Sentence | None
    by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    plan_hash: str
    batches: str
    max_unavailable: int
    failures_allowed: int
    bake_time: timedelta
    automatic_rollback: bool
    promotion_needed: bool
    promoted_batches: int
    cancel_requested: bool
    rev: int

    @classmethod
    def of(cls, rollout: Rollout) -> Self:
        """Return the facts of a rollout whose service, environment, version and person are
        loaded."""
        person = rollout.created_by
        return read_as(
            cls,
            rollout,
            service=rollout.service.name,
            environment=rollout.environment.name,
            is_guarded=rollout.environment.is_guarded,
            version=rollout.version.name if rollout.version else "",
            question=question_from_json(rollout.asks) if rollout.asks else None,
            reverts=rollout.reverts_id,
            retry_of=rollout.retry_of_id,
            by=person.get_username() if person else "",
        )


class CellFacts(NamedTuple):
    """A target as far as a cell of a board shows it: `step` is under way, or was the last one."""

    id: int
    host: str
    port: int
    batch: int
    state: str
    step: str
    problem: Sentence | None

    @classmethod
    def of(cls, target: Target) -> Self:
        """Return the facts of a target whose host is loaded."""
        return read_as(cls, target, host=target.host.name)

    @property
    def place(self) -> str:
        return place_name(self.host, self.port)


class TargetFacts(NamedTuple):
    """What is known of a target. It comes from one version and is brought to another, each by its
    name, "" for none; `cause` is whose fault its end is, "" for nobody's."""

    cell: CellFacts
    cause: str
    from_version: str
    to_version: str
    attempts: int
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, target: Target) -> Self:
        """Return the facts of a target whose host and versions are loaded."""
        return read_as(
            cls,
            target,
            cell=CellFacts.of(target),
            from_version=target.from_version.name if target.from_version else "",
            to_version=target.to_version.name if target.to_version else "",
        )


@dataclass(frozen=True, slots=True)
class StepFacts:
    """A step that was taken on a host; `exit_code` is None where it has not ended."""

    id: int
    name: str
    attempt: int
    started_at: datetime | None
    finished_at: datetime | None
    exit_code: int | None
    bytes_moved: int
    output: str

    @classmethod
    def of(cls, step: Step) -> Self:
        return read_as(cls, step)


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A line of a log: a sentence of ours, or the `text` that a host printed. `host` is "" where it
    is about no target."""

    id: int
    rev: int
    at: datetime
    host: str
    port: int
    step: str
    level: str
    sentence: Sentence | None
    text: str

    @classmethod
    def of(cls, line: LogLine) -> Self:
        """Return the facts of a line whose target and host are loaded."""
        target = line.target
        return read_as(
            cls, line, host=target.host.name if target else "", port=target.port if target else 0
        )

    @property
    def place(self) -> str:
        return place_name(self.host, self.port) if self.host else ""

    def __str__(self) -> str:
        return str(self.sentence or self.text)

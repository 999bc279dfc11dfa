"""What surrounds a plan when it is shown: estimates, bytes, obstacles and notes.

The plan itself is a value (core.rollout.plan); nothing here is part of it, or of its hash.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from slipway.core.rollout.plans.plan import Plan, PlannedPlace
from slipway.core.rollout.plans.spec_changes import SpecChanges
from slipway.core.rollout.told.time_left import TimeLeft
from slipway.core.spec.hidden_values import without_secrets, without_words
from slipway.core.spec.origins import Setting
from slipway.core.spec.values import HealthCheck
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.names import place_name
from slipway.core.words.sentence import Sentence

_TRANSFER = 20 * 2**20  # bytes per second that one host receives and unpacks
_AT_ONCE = 10  # hosts that fill the controller's own line
_RESTART = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class PlannedTarget:
    """One line of a plan as it is shown. Versions are names, "" where there is none; `port` 0 is no
    port. `deadline` is how many seconds it is given."""

    host: str
    port: int = 0
    from_version: str = ""
    to_version: str = ""
    batch: int = 1
    bytes_to_move: int = 0
    unreachable: bool = False
    note: Sentence | None = None
    was_healthy: bool = True
    stays_stopped: bool = False
    settings_change: bool = False
    back_version: str = ""  # where it would go back to; "" where it stays, or is removed
    is_new: bool = False
    deadline: int = 0

    @classmethod
    def of(cls, place: PlannedPlace) -> Self:
        """Return what the plan itself says of a place."""
        planned = place.planned
        return cls(
            place.host,
            place.port,
            planned.origin.version,
            planned.goal.version,
            planned.batch,
            was_healthy=planned.was_well,
            back_version=planned.back.version if planned.back else "",
            is_new=planned.is_new,
            deadline=round(planned.deadline),
        )

    @property
    def place(self) -> str:
        return place_name(self.host, self.port)


@dataclass(frozen=True, slots=True)
class PlannedSettings:
    """By which values a version is run, as the plan has them. `is_kept`: they are those by which it
    was well once, and not those of now."""

    version: str
    settings: tuple[Setting, ...]
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class PlannedRule:
    """One rule by which it is carried out, and who says so: wish, environment, or way_back."""

    key: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands in the way; `blocking` ones make a start be refused. `command` helps, "" where
    none does."""

    sentence: Sentence
    blocking: bool = True
    command: str = ""

    @property
    def code(self) -> str:
        return self.sentence.code

    @property
    def message(self) -> str:
        return self.sentence.english

    @property
    def hint(self) -> str:
        return self.sentence.english_hint

    @property
    def values(self) -> dict[str, Any]:
        values: dict[str, Any] = self.sentence.shown.as_json().get("values", {})
        return values


@dataclass(frozen=True, slots=True)
class Outlook:
    """A plan with its surroundings, before it starts. `hash` is what an approval binds to; `checks`
    are sentences; `settle_time` is how long one instance takes to count as healthy; `usual` is how
    long earlier ones took, None where there are none; `good_signs` speak for it."""

    plan: Plan
    hash: str
    targets: tuple[PlannedTarget, ...]
    obstacles: tuple[Obstacle, ...] = ()
    notes: tuple[Sentence, ...] = ()
    checks: tuple[Sentence, ...] = ()
    good_signs: tuple[Sentence, ...] = ()
    settings: tuple[PlannedSettings, ...] = ()
    rules: tuple[PlannedRule, ...] = ()
    settle_time: timedelta = timedelta(0)
    usual: TimeLeft | None = None
    spec_changes: tuple[SpecChanges, ...] = ()

    @property
    def kind(self) -> RolloutKind:
        return self.plan.kind

    @property
    def service(self) -> str:
        return self.plan.service

    @property
    def environment(self) -> str:
        return self.plan.environment

    @property
    def version(self) -> str:
        return self.plan.version

    @property
    def max_unavailable(self) -> int:
        return self.plan.policy.allowed_away

    @property
    def batches(self) -> tuple[int, ...]:
        """How many targets each batch has, in order."""
        sizes = Counter(target.batch for target in self.targets)
        return tuple(sizes[batch] for batch in sorted(sizes))

    @property
    def batch_times(self) -> tuple[timedelta, ...]:
        """How long each batch works, as earlier ones did; none where there are none."""
        return self.usual.batches if self.usual else ()

    @property
    def batch_begins(self) -> tuple[timedelta, ...]:
        """When each batch begins, from the start on; waits for a person come on top."""
        bake, found, at = timedelta(seconds=self.plan.policy.bake), [], timedelta(0)
        for took in self.batch_times:
            found.append(at)
            at += took + bake
        return tuple(found)

    @property
    def bytes_to_move(self) -> int:
        return sum(target.bytes_to_move for target in self.targets)

    @property
    def is_blocked(self) -> bool:
        return any(obstacle.blocking for obstacle in self.obstacles)

    @property
    def hosts_to_send_to(self) -> int:
        """How many have not what is brought yet."""
        return len({target.host for target in self.targets if target.bytes_to_move})

    @property
    def expected_time(self) -> timedelta:
        """As long as earlier ones took; where there are none, as long as its settings say."""
        return self.usual.work if self.usual else self.set_time

    @property
    def set_time(self) -> timedelta:
        """What its settings alone say, a rough guess: each round of a batch restarts and settles,
        packages fill the line."""
        together = max(self.max_unavailable, 1)
        rounds = sum(-(-size // together) for size in self.batches)
        baking = timedelta(seconds=self.plan.policy.bake) * max(len(self.batches) - 1, 0)
        hosts = min(sum(target.bytes_to_move > 0 for target in self.targets), _AT_ONCE)
        moving = timedelta(seconds=self.bytes_to_move / (_TRANSFER * max(hosts, 1)))
        return rounds * (_RESTART + self.settle_time) + baking + moving


def in_batches(sizes: Iterable[int]) -> list[int]:
    """Return the number of the batch, from 1, of each target in order."""
    return [number for number, size in enumerate(sizes, start=1) for _ in range(size)]


def checks_of(check: HealthCheck) -> tuple[Sentence, ...]:
    """Return the sentences of a plan's checks; places stay places, they differ per instance."""
    if check.http and check.expect:
        template = "HTTP {url} answers with “{expect}” for {least} s, within {most} s"
    elif check.http:
        template = "HTTP {url} answers for {least} s, within {most} s"
    elif check.tcp:
        template = "TCP {address} accepts for {least} s, within {most} s"
    elif check.command:
        template = "command {command} succeeds for {least} s, within {most} s"
    else:
        template = "the process stays up for {least} s, within {most} s"
    said = Sentence.of(
        "check",
        template,
        url=without_secrets(check.http),
        expect=check.expect,
        address=check.tcp,
        command=json.dumps(without_words(check.command), ensure_ascii=False)
        if check.command
        else "",
        least=f"{check.min_healthy_time.total_seconds():g}",
        most=f"{check.healthy_deadline.total_seconds():g}",
    )
    return (said,)

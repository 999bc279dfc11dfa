"""What a rollout would do, shown before anything moves, and the hash an approval binds to."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from slipway.core.kinds import RolloutKind
from slipway.core.names import natural
from slipway.core.sentence import Sentence
from slipway.core.spec_values import HealthCheck

_TRANSFER = 20 * 2**20  # bytes per second that one host receives and unpacks
_AT_ONCE = 10  # hosts that fill the controller's own line
_RESTART = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class PlannedTarget:
    """One line of the plan. Versions are names, "" where there is none; `port` 0 is no port."""

    host: str
    port: int = 0
    instance_id: int | None = None  # None: the rollout makes it
    from_version: str = ""
    to_version: str = ""
    batch: int = 1
    bytes_to_move: int = 0
    unreachable: bool = False
    note: Sentence | None = None
    was_healthy: bool = True

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}" if self.port else self.host


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands in the way; `blocking` ones make a start be refused."""

    said: Sentence
    blocking: bool = True

    @property
    def code(self) -> str:
        return self.said.code


@dataclass(frozen=True, slots=True)
class Plan:
    """`version` is "" where each target has its own. `bake_time` is between
    batches, `settle_time` how long one instance takes to count as healthy."""

    kind: RolloutKind
    service: str
    environment: str
    version: str
    targets: tuple[PlannedTarget, ...]
    batches_text: str
    max_unavailable: int
    obstacles: tuple[Obstacle, ...] = ()
    checks: tuple[Sentence, ...] = ()
    bake_time: timedelta = timedelta(0)
    settle_time: timedelta = timedelta(0)

    @property
    def batches(self) -> tuple[int, ...]:
        """How many targets each batch has, in order."""
        sizes = Counter(target.batch for target in self.targets)
        return tuple(sizes[batch] for batch in sorted(sizes))

    @property
    def bytes_to_move(self) -> int:
        return sum(target.bytes_to_move for target in self.targets)

    @property
    def is_blocked(self) -> bool:
        return any(obstacle.blocking for obstacle in self.obstacles)

    @property
    def expected_time(self) -> timedelta:
        """A rough guess: each round of a batch restarts and settles, packages fill the line."""
        together = max(self.max_unavailable, 1)
        rounds = sum(-(-size // together) for size in self.batches)
        baking = self.bake_time * max(len(self.batches) - 1, 0)
        hosts = min(sum(target.bytes_to_move > 0 for target in self.targets), _AT_ONCE)
        moving = timedelta(seconds=self.bytes_to_move / (_TRANSFER * max(hosts, 1)))
        return rounds * (_RESTART + self.settle_time) + baking + moving


def in_order(targets: Iterable[PlannedTarget]) -> tuple[PlannedTarget, ...]:
    """Return the ill ones first: a rollout may heal them and can break less there. Unreachable ones
    come last, where they keep nobody waiting and are no canary. Else web-2 goes before web-10."""
    return tuple(
        sorted(
            targets,
            key=lambda one: (one.unreachable, one.was_healthy, natural(one.host), one.port or 0),
        )
    )


def in_batches(targets: Iterable[PlannedTarget], sizes: Iterable[int]) -> tuple[PlannedTarget, ...]:
    """Return `targets` numbered by batch, from 1. `sizes` must be as many as there are targets."""
    numbers = (number for number, size in enumerate(sizes, start=1) for _ in range(size))
    pairs = zip(targets, numbers, strict=True)
    return tuple(replace(target, batch=number) for target, number in pairs)


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
        url=check.http,
        expect=check.expect,
        address=check.tcp,
        command=json.dumps(check.command, ensure_ascii=False) if check.command else "",
        least=f"{check.min_healthy_time.total_seconds():g}",
        most=f"{check.healthy_deadline.total_seconds():g}",
    )
    return (said,)


def plan_hash(plan: Plan) -> str:
    """Return the sha256 of what is approved: hosts, ports, versions, batches, checks.

    Bytes and obstacles are not part of it: they change without making it another plan.
    """
    approved = {
        "kind": plan.kind.value,
        "service": plan.service,
        "environment": plan.environment,
        "max_unavailable": plan.max_unavailable,
        "checks": [check.english for check in plan.checks],
        "targets": sorted(
            (t.host, t.port, t.from_version, t.to_version, t.batch) for t in plan.targets
        ),
    }
    text = json.dumps(approved, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def differences(old: Plan, new: Plan) -> tuple[str, ...]:
    """Return what changed between two plans, a sentence each; none when the hash is the same."""
    said = [
        f"{word} was {before} and is {after}."
        for word, before, after in (
            ("The kind", old.kind.value, new.kind.value),
            ("The service", old.service, new.service),
            ("The environment", old.environment, new.environment),
            ("The most that may be unavailable", old.max_unavailable, new.max_unavailable),
            ("The check", _all(old.checks), _all(new.checks)),
        )
        if before != after
    ]
    return (*said, *_target_differences(old, new))


def _all(checks: tuple[Sentence, ...]) -> str:
    return "; ".join(check.english for check in checks)


def _target_differences(old: Plan, new: Plan) -> list[str]:
    before = {(target.host, target.port): target for target in old.targets}
    after = {(target.host, target.port): target for target in new.targets}
    gone = [f"{t.place} is not part of it any more." for at, t in before.items() if at not in after]
    added = [f"{t.place} was added." for at, t in after.items() if at not in before]
    changed = [
        sentence
        for at, target in before.items()
        if at in after
        for sentence in _changes(target, after[at])
    ]
    return gone + added + changed


def _changes(old: PlannedTarget, new: PlannedTarget) -> list[str]:
    pairs = (
        ("ran", "now runs", old.from_version or "nothing", new.from_version or "nothing"),
        ("was to get", "is to get", old.to_version or "nothing", new.to_version or "nothing"),
        ("was in batch", "is in batch", old.batch, new.batch),
    )
    return [
        f"{new.place} {was} {before} and {now} {after}."
        for was, now, before, after in pairs
        if before != after
    ]

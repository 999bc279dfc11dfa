"""What people wish of a service's instances, as the API takes it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any

from ninja import Field, Schema

from slipway.core.kinds import RolloutKind
from slipway.core.plan import Plan, PlannedTarget, plan_hash
from slipway.interfaces.api.comparisons import CommitOut
from slipway.interfaces.api.environments import visible_environment
from slipway.interfaces.api.values import Input, Name, Port, Seconds, Text, Word
from slipway.records.accounts.actors import Actor
from slipway.records.catalog import queries as catalog
from slipway.records.fields.sentences import values_of
from slipway.records.rollouts.changes import Changes, ChangesState, changes_as_dict
from slipway.records.rollouts.wishes import Wish


class NewWish(Input):
    """Without `version`, a revert goes back to each instance's own earlier one; without `hosts`, an
    operation is for all instances; what else is left out is as the environment says."""

    kind: RolloutKind
    service: Name
    environment: Name
    version: Annotated[Name, Field(max_length=128)] | None = None
    hosts: Annotated[list[Name], Field(max_length=10_000)] = []
    port: Port = 0
    batches: Word = ""
    max_unavailable: Word = ""
    failure_budget: Word = ""
    automatic_rollback: bool | None = None
    skip_unreachable: bool = False
    bake_time: Seconds | None = None


class NewRollout(NewWish):
    plan_hash: Word = ""
    reason: Text = ""


class PlannedTargetOut(Schema):
    host: str
    port: int
    from_version: str
    to_version: str
    batch: int
    bytes_to_move: int
    unreachable: bool
    note: str

    @staticmethod
    def resolve_note(target: PlannedTarget) -> str:
        return str(target.note or "")


class ObstacleOut(Schema):
    code: str
    message: str
    values: dict[str, Any]
    hint: str
    blocking: bool


class ChangesOut(Schema):
    """The commits that `head` has and `base` has not, the newest first; `total` counts all. While
    the state is `unasked`, comparing the two versions asks for them."""

    from_version: str
    to_version: str
    base: str
    head: str
    state: ChangesState
    total: int
    url: str
    problem: str
    problem_code: str
    problem_values: dict[str, Any]
    commits: list[CommitOut]


class PlanOut(Schema):
    kind: str
    service: str
    environment: str
    version: str
    hash: str
    targets: list[PlannedTargetOut]
    batches: list[int]
    max_unavailable: int
    checks: list[str]
    check_values: list[dict[str, Any]]
    obstacles: list[ObstacleOut]
    expected_seconds: int
    bytes_to_move: int
    commits: list[ChangesOut]


def wish_of(body: NewWish, actor: Actor) -> Wish:
    """Return the wish with its things looked up. Raises NotFound for what `actor` may not see."""
    service = catalog.get_service(body.service, actor)
    return Wish(
        kind=body.kind,
        service=service,
        environment=visible_environment(body.environment, actor),
        version=catalog.get_version(service, body.version) if body.version else None,
        hosts=tuple(body.hosts),
        port=body.port,
        batches=body.batches,
        max_unavailable=body.max_unavailable,
        failure_budget=body.failure_budget,
        automatic_rollback=body.automatic_rollback,
        skip_unreachable=body.skip_unreachable,
        bake_time=None if body.bake_time is None else timedelta(seconds=body.bake_time),
    )


def plan_as_dict(plan: Plan, changes: Sequence[Changes]) -> dict[str, Any]:
    """Return the plan as the API shows it, with the commits that it brings."""
    return {
        "kind": plan.kind,
        "service": plan.service,
        "environment": plan.environment,
        "version": plan.version,
        "hash": plan_hash(plan),
        "targets": list(plan.targets),
        "batches": list(plan.batches),
        "max_unavailable": plan.max_unavailable,
        "checks": [check.english for check in plan.checks],
        "check_values": [values_of(check) for check in plan.checks],
        "obstacles": [
            {
                "code": obstacle.code,
                "message": obstacle.said.english,
                "values": values_of(obstacle.said),
                "hint": obstacle.said.english_hint,
                "blocking": obstacle.blocking,
            }
            for obstacle in plan.obstacles
        ],
        "expected_seconds": round(plan.expected_time.total_seconds()),
        "bytes_to_move": plan.bytes_to_move,
        "commits": [changes_as_dict(each) for each in changes],
    }

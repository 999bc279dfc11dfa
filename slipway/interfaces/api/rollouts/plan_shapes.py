"""A plan as the API shows it, with the commits that it brings."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ninja import Schema

from slipway.core.rollout.plans.outlook import Outlook, PlannedTarget
from slipway.interfaces.api.frame.reasons import SaidOut, said_out
from slipway.interfaces.api.rollouts.times import TimeLeftOut, time_left_out
from slipway.interfaces.api.services.comparisons import CommitOut
from slipway.records.rollouts.ask.changes import Changes, ChangesState
from slipway.records.rows.sentences import told


class PlannedTargetOut(Schema):
    host: str
    port: int
    from_version: str
    to_version: str
    batch: int
    bytes_to_move: int
    unreachable: bool
    note: str
    was_healthy: bool
    stays_stopped: bool
    settings_change: bool
    back_version: str
    is_new: bool
    deadline: int

    @staticmethod
    def resolve_note(target: PlannedTarget) -> str:
        return target.note.english if target.note else ""


class ObstacleOut(Schema):
    """`command` of the command line helps against it; "" where none does that whoever asks may
    give. In capitals is what to say."""

    code: str
    message: str
    hint: str
    values: dict[str, Any]
    blocking: bool
    command: str


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
    commits: list[CommitOut]


class SettingOut(Schema):
    """`origin`: service (its own spec of now), package (the version's slipway.yaml), default, or
    well_state (it is brought as it was well once).
    `at_upload`: what held when the version was uploaded, where that was another."""

    key: str
    value: str
    origin: str
    at_upload: str | None


class PlannedSettingsOut(Schema):
    """By which values a version is run. `is_kept`: it is brought as it was well once."""

    version: str
    is_kept: bool
    settings: list[SettingOut]


class RuleOut(Schema):
    """One rule of how it is carried out. `origin`: wish (it was asked for), environment, or
    way_back (going back has rules of its own)."""

    key: str
    value: str
    origin: str


class SpecChangeOut(Schema):
    key: str
    before: str
    after: str


class SpecChangesOut(Schema):
    """What differs in how two versions are run, on so many places; what may be a secret is hidden
    from whoever may not deploy, though not that it changes."""

    from_version: str
    to_version: str
    places: int
    changes: list[SpecChangeOut]


class PlanOut(Schema):
    """`usual`: how long earlier ones of its kind took there, null where there are none;
    `expected_seconds` is then what its settings alone say. `hosts_to_send_to`: how many have not
    what is brought. `batch_seconds`: how long each batch works, as earlier ones did, empty where
    there are none; `batch_begin_seconds`: how long after the start it begins, waits for a person
    not counted. `good_signs`: what was seen that speaks for it."""

    kind: str
    service: str
    environment: str
    version: str
    hash: str
    targets: list[PlannedTargetOut]
    batches: list[int]
    max_unavailable: int
    checks: list[str]
    checks_told: list[SaidOut]  # the same, as code and values
    obstacles: list[ObstacleOut]
    notes: list[SaidOut]
    settings: list[PlannedSettingsOut]
    rules: list[RuleOut]
    policy: dict[str, Any]
    expected_seconds: int
    usual: TimeLeftOut | None
    batch_seconds: list[int]
    batch_begin_seconds: list[int]
    good_signs: list[SaidOut]
    bytes_to_move: int
    hosts_to_send_to: int
    spec_changes: list[SpecChangesOut]
    commits: list[ChangesOut]


def plan_as_dict(plan: Outlook, changes: Sequence[Changes]) -> dict[str, Any]:
    """Return the plan as the API shows it, with the commits that it brings."""
    return {
        "kind": plan.kind,
        "service": plan.service,
        "environment": plan.environment,
        "version": plan.version,
        "hash": plan.hash,
        "targets": list(plan.targets),
        "batches": list(plan.batches),
        "max_unavailable": plan.max_unavailable,
        "checks": [check.english for check in plan.checks],
        "checks_told": [said_out(check) for check in plan.checks],
        "obstacles": list(plan.obstacles),
        "notes": [said_out(note) for note in plan.notes],
        "settings": [asdict(each) for each in plan.settings],
        "rules": [asdict(each) for each in plan.rules],
        "policy": asdict(plan.plan.policy),
        "expected_seconds": round(plan.expected_time.total_seconds()),
        "usual": time_left_out(plan.usual),
        "batch_seconds": [round(each.total_seconds()) for each in plan.batch_times],
        "batch_begin_seconds": [round(each.total_seconds()) for each in plan.batch_begins],
        "good_signs": [said_out(sign) for sign in plan.good_signs],
        "bytes_to_move": plan.bytes_to_move,
        "hosts_to_send_to": plan.hosts_to_send_to,
        "spec_changes": [asdict(each) for each in plan.spec_changes],
        "commits": [changes_out(each) for each in changes],
    }


def changes_out(changes: Changes) -> dict[str, Any]:
    """Return the JSON of what lies between two versions."""
    found = changes.comparison
    return {
        "from_version": changes.from_version.name,
        "to_version": changes.to_version.name,
        "base": changes.from_version.commit,
        "head": changes.to_version.commit,
        "state": changes.state.value,
        "total": found.total if found else 0,
        "url": found.url if found else "",
        **told("problem", changes.problem),
        "commits": found.commits if found else [],
    }

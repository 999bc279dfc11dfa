"""What people wish of a service's instances, as the API takes it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

from django.utils import timezone
from ninja import Field, Schema

from slipway.core.finding.listings import HOSTS
from slipway.core.rollout.plans.outlook import Outlook, PlannedTarget
from slipway.core.words.kinds import RolloutKind
from slipway.interfaces.api.frame.reasons import SaidOut, said_out
from slipway.interfaces.api.frame.values import Input, Line, Name, Port, Seconds, Text, Word
from slipway.interfaces.api.rollouts.times import TimeLeftOut, time_left_out
from slipway.interfaces.api.services.comparisons import CommitOut
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.queries import services
from slipway.records.fleet.queries import visible_environment
from slipway.records.rollouts.ask.changes import Changes, ChangesState
from slipway.records.rollouts.wish.choosing import chosen
from slipway.records.rollouts.wish.wishes import Wish
from slipway.records.rows.finding.asked import Asking
from slipway.records.rows.sentences import told


class NewWish(Input):
    """Without `version`, a revert goes back to each instance's own earlier one; without `hosts`, an
    operation is for all instances; what else is left out is as the environment says. `without`
    leaves places (HOST:PORT), or all of a host, out of the rollout and of its count. With
    `settings_back` a revert goes back one revision of settings, and no version;
    `even_if_never_well`: to a version that never was well in the environment. `where` chooses the
    hosts by what they have in common, as the list of hosts is asked (`rack:a -state:unreachable`);
    `instances` names places (`web-1:8090`)."""

    kind: RolloutKind
    service: Name
    environment: Name
    version: Annotated[Name, Field(max_length=128)] | None = None
    hosts: Annotated[list[Name], Field(max_length=10_000)] = []
    port: Port = 0
    batches: Word = ""
    max_unavailable: Word = ""
    failure_budget: Word = ""
    left_out_budget: Word = ""
    automatic_rollback: bool | None = None
    skip_unreachable: bool = False
    without: Annotated[list[Name], Field(max_length=10_000)] = []
    bake_time: Seconds | None = None
    settings_back: bool = False
    even_if_never_well: bool = False
    where: Line = ""
    instances: Annotated[list[Name], Field(max_length=10_000)] = []


class NewRollout(NewWish):
    """`confirm`: what a person typed for the service's name; looked at where it is sent and the
    environment is guarded."""

    plan_hash: Word = ""
    reason: Text = ""
    confirm: Line | None = None


class Why(Input):
    reason: Text = ""


class GoOn(Why):
    """`confirm`: what a person typed for the service's name; looked at where it is sent and the
    environment is guarded."""

    confirm: Line | None = None


class NewAnswer(GoOn):
    answer: Word


class Gone(GoOn):
    """Which place: `web-1:8080`, or `web-1` where it has only one."""

    place: Line


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


def wish_of(body: NewWish, actor: Actor) -> Wish:
    """Return the wish with its things looked up. Raises NotFound for what `actor` may not see, and
    Invalid, UnknownHost where its hosts cannot be found."""
    service = services.get_service(body.service, actor)
    wish = Wish(
        kind=body.kind,
        service=service,
        environment=visible_environment(body.environment, actor),
        version=services.get_version(service, body.version) if body.version else None,
        hosts=tuple(body.hosts),
        port=body.port,
        batches=body.batches,
        max_unavailable=body.max_unavailable,
        failure_budget=body.failure_budget,
        left_out_budget=body.left_out_budget,
        automatic_rollback=body.automatic_rollback,
        skip_unreachable=body.skip_unreachable,
        without=tuple(body.without),
        bake_time=None if body.bake_time is None else timedelta(seconds=body.bake_time),
        settings_back=body.settings_back,
        even_if_never_well=body.even_if_never_well,
    )
    asking = Asking.typed(body.where, HOSTS, timezone.now())
    return chosen(wish, asking, tuple(body.instances), actor)


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

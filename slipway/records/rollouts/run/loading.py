"""Reads a rollout's value from its rows: at the start, and after a gap."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from slipway.core.rollout.chains import Names
from slipway.core.rollout.plans.as_json import plan_from_json
from slipway.core.rollout.plans.plan import Plan, PlannedPlace
from slipway.core.rollout.value.questions import Asks, Question
from slipway.core.rollout.value.rollout import Rollout as Value
from slipway.core.rollout.value.rollout import Target as TargetValue
from slipway.core.rollout.value.words import Cause, End, Heading, Stage, Way
from slipway.core.words.names import place_name
from slipway.core.words.sentence import Sentence
from slipway.records.rollouts.histories.ways_back import withdrawn_versions
from slipway.records.rollouts.models import Rollout, Step, Target

Begun = tuple[tuple[str, str, bool], ...]  # (name, ticket, whether it is over) of steps, in order


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target's row, as far as its driver needs to know it."""

    id: int
    host_id: int
    begun: Begun = ()  # of the attempt under way


@dataclass(frozen=True, slots=True)
class Loaded:
    """A rollout as its driver sees it. `heard` is the last of people's words that it has heard."""

    value: Value
    plan: Plan
    rows: Mapping[str, TargetRow]
    places: Mapping[str, PlannedPlace]
    service_id: int
    environment_id: int
    stamp: str
    started_by: int | None  # a user
    heard: int
    rev: int

    @property
    def goes_back(self) -> bool:
        """Whether all of it leads back: no window and no lock holds that once it has begun."""
        return self.plan.policy.is_way_back

    def at_present(self, value: Value) -> Value:
        """Return it with what is withdrawn now: people change that while it is driven."""
        now = withdrawn_versions(self.service_id, self.environment_id)
        return replace(value, withdrawn_elsewhere=now)

    def names(self, place: str) -> Names:
        return Names(self.value.number, self.rows[place].id, self.stamp)


def load(rollout_id: int) -> Loaded:
    """Read a rollout. A handful of queries, however many targets. Raises Invalid where its plan
    cannot be read."""
    row = Rollout.objects.get(pk=rollout_id)
    plan = plan_from_json(row.plan)
    targets = list(Target.objects.filter(rollout=row).select_related("host"))
    places = {place.planned.place: place for place in plan.places}
    by_place = {place_of(target): target for target in targets}
    begun = _begun([t for t in targets if t.stage in (Stage.IN_HAND, Stage.ASKED)])
    return Loaded(
        value=_value(row, plan, by_place),
        plan=plan,
        rows={
            place: TargetRow(target.pk, target.host_id, begun.get(target.pk, ()))
            for place, target in by_place.items()
        },
        places=places,
        service_id=row.service_id,
        environment_id=row.environment_id,
        started_by=row.created_by_id,
        stamp=f"{int(row.created_at.timestamp()):x}",
        heard=row.heard,
        rev=row.rev,
    )


def place_of(target: Target) -> str:
    """Return what a place is called in plans: its host, and its port where it has one."""
    return place_name(target.host.name, target.port)


def _begun(targets: list[Target]) -> dict[int, Begun]:
    begun: dict[int, Begun] = {}
    current = {target.pk: (target.heading, max(target.attempts, 1)) for target in targets}
    steps = Step.objects.filter(target__rollout__in={t.rollout_id for t in targets})
    for step in steps.order_by("target_id", "order", "id"):
        if current.get(step.target_id) == (step.heading, step.attempt):
            known = begun.get(step.target_id, ())
            begun[step.target_id] = (*known, (step.name, step.ticket, step.finished_at is not None))
    return begun


def _value(row: Rollout, plan: Plan, by_place: Mapping[str, Target]) -> Value:
    targets = {
        place.planned.place: _target(place, by_place.get(place.planned.place))
        for place in plan.places
    }
    return Value(
        number=row.pk,
        policy=plan.policy,
        targets=targets,
        driven=row.driven,
        paused=row.is_paused,
        asks=question_from_json(row.asks) if row.asks else None,
        answered=frozenset(row.answered),
        without=frozenset(row.without),
        cancelled=row.cancel_requested,
        promoted=row.promoted_batches,
        halted=Cause(row.halted) if row.halted else None,
        is_proven_guilty=row.is_proven_guilty,
        withdrawn=frozenset(row.withdrawn),
        withdrawn_elsewhere=withdrawn_versions(row.service_id, row.environment_id),
        gone=frozenset(row.gone),
        end=End(row.end) if row.end else None,
        ended_at=row.ended_driven,
        watching=row.watching,
    )


def _target(place: PlannedPlace, row: Target | None) -> TargetValue:
    if row is None:
        return TargetValue(place.planned, stage=Stage.OUT)
    return TargetValue(
        place.planned,
        stage=Stage(row.stage),
        heading=Heading(row.heading),
        attempt=max(row.attempts - 1, 0),
        way=Way(row.way) if row.way else Way.BRING,
        cause=Cause(row.cause) if row.cause else None,
        problem=row.problem,
        touched=row.touched,
        owed=row.owed,
        goes_further=row.goes_further,
        losses=row.losses,
        reprieved=row.reprieved,
        since=row.since,
        process=row.process,
        boot=row.boot,
        turn=row.since,
    )


def question_from_json(kept: Mapping[str, object]) -> Question:
    sentence = kept["sentence"]
    places = kept["places"]
    assert isinstance(sentence, Mapping)
    assert isinstance(places, list)
    return Question(
        Asks(str(kept["code"])),
        Sentence.from_json(sentence),
        tuple(map(str, places)),
        float(str(kept["since"])),
    )


def question_as_json(question: Question) -> dict[str, object]:
    return {
        "code": question.code.value,
        "sentence": question.sentence.as_json(),
        "places": list(question.places),
        "since": question.since,
    }

"""Who passes a lock: behind a person's, who put it up; behind a halted rollout's, people, with
whatever brings no withdrawn version to a place that has another."""

from copy import deepcopy

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.core.rollout.value.words import Cause, End
from slipway.core.words.refusal import Refused
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Version
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.models import Lock, Rollout, Withdrawal
from slipway.records.rollouts.operations import locks, returns
from slipway.records.rollouts.plan import planning
from slipway.records.rollouts.wish.refusals import Locked
from tests.hand import Hand
from tests.records.people import bob
from tests.records.world import World, going
from tests.standing import made_once

pytestmark = pytest.mark.django_db

KINDS = ("upgrade", "deploy", "revert", "apply", "restart", "start", "stop", "delete")


class Halted(World):
    """1.0 was well; 1.1 failed, stayed there, was withdrawn and left a lock."""

    def __init__(self) -> None:
        super().__init__(hosts=2)
        self.run("deploy", self.version("1.0"))
        self.bad = self.start("upgrade", self.version("1.1"))
        hand = Hand(self.bad, now=self.clock())
        for place in hand.places():
            hand.start(place)
            hand.fail(place)
        hand.close(End.HALTED, halted=Cause.VERSION, withdrawn=frozenset({"1.1"}))
        self.bad.refresh_from_db()
        assert Lock.objects.get(released_at=None).holder is None
        assert held() == {"1.1"}


@made_once
def standing() -> Halted:
    return Halted()


def held() -> set[str]:
    rows = Withdrawal.objects.filter(cleared_at=None)
    return set(rows.values_list("version__name", flat=True))


def test_the_way_back_taken_back_does_not_bring_what_was_withdrawn(world: Halted) -> None:
    back = world.finish(returns.roll_back(rollout=world.bad, by=world.alice, now=world.clock()))
    assert set(going(back).values()) == {("1.1", "1.0")}
    with pytest.raises(Locked, match=f"rollout {world.bad.pk}"):
        returns.roll_back(rollout=back, by=world.alice, now=world.clock())
    plan = planning.make_plan(world.wish("revert", reverts=back), world.clock())
    assert "locked" in [each.code for each in plan.obstacles if each.blocking]


def test_nor_does_a_host_that_is_put_back(world: Halted) -> None:
    lost = Instance.objects.filter(host__name="web-1")
    lost.update(seen_bare=True, version=Version.objects.get(name="1.1"))
    with pytest.raises(Locked):
        world.start("apply", None, "web-1")


@pytest.mark.parametrize(("kind", "name"), [("revert", ""), ("upgrade", "1.2"), ("stop", "")])
def test_people_go_back_release_another_and_stop_it(world: Halted, kind: str, name: str) -> None:
    assert world.start(kind, world.version(name) if name else None).pk


# --- in any history ------------------------------------------------------------------------------


class Life:
    """People, and the system, do this and that behind a lock."""

    def __init__(self, world: Halted) -> None:
        self.world = world
        self.others = [self.world.version("1.2"), self.world.version("1.3")]
        self.persons = (self.world.alice, self.world.boss, Actor.system())

    def live(self, what: str, who: int, number: int, end: str) -> Rollout | None:
        """Start something and bring it to an end; being refused is part of life."""
        by = self.persons[who]
        try:
            started = self._start(what, by, number)
        except Refused:
            return None
        assert by.user is not None, "what begins by itself passes no lock"
        self.world.finish(started, failing=["web-1"] if end == "partial" else ())
        return started

    def _start(self, what: str, by: Actor, number: int) -> Rollout:
        if what in ("roll_back", "retry_rollout"):
            rows = Rollout.objects.order_by("pk")
            rollout = rows[number % rows.count()]
            again = {"roll_back": returns.roll_back, "retry_rollout": returns.retry_rollout}
            return again[what](rollout=rollout, by=by, now=self.world.clock())
        versions = Version.objects.order_by("pk")
        named = what in ("upgrade", "deploy") or (what == "revert" and number % 2)
        version = versions[number % versions.count()] if named else None
        return self.world.start(what, version, by=by)


@pytest.mark.long
@given(
    st.lists(
        st.tuples(
            st.sampled_from((*KINDS, "roll_back", "retry_rollout", "roll_back")),
            st.integers(0, 2),
            st.integers(0, 7),
            st.sampled_from(("well", "well", "partial")),
        ),
        max_size=8,
    )
)
@settings(max_examples=25, deadline=None)
def test_behind_a_halted_rollouts_lock_nothing_withdrawn_comes_anywhere(
    standing: Halted,
    story: list[tuple[str, int, int, str]],
) -> None:
    with transaction.atomic():
        life = Life(deepcopy(standing))
        for line in story:
            withdrawn = held()
            started = life.live(*line)
            if started is None or started.kind == "stop":
                continue
            brought = {after for before, after in going(started).values() if before != after}
            assert not brought & withdrawn, (line, going(started))
        transaction.set_rollback(True)


def refusal(world: World, kind: str, version: Version | None) -> type[Refused] | None:
    try:
        world.start(kind, version)
    except Refused as refused:
        return type(refused)
    return None


@given(st.sampled_from(KINDS), st.booleans(), st.booleans())
@settings(max_examples=20, deadline=None)
def test_a_persons_lock_is_passed_by_that_person_alone(
    standing: Halted, kind: str, is_named: bool, is_system: bool
) -> None:
    with transaction.atomic():
        world = deepcopy(standing)
        Lock.objects.update(released_at=world.clock())
        locks.lock_service(
            service=world.service,
            environment=world.environment,
            reason="I look at it",
            until=None,
            by=world.alice,
            now=world.clock(),
        )
        version = world.version("1.0") if is_named or kind in ("upgrade", "deploy") else None
        with pytest.raises(Locked):
            world.start(kind, version, by=Actor.system() if is_system else bob())
        assert refusal(world, kind, version) is not Locked
        transaction.set_rollback(True)

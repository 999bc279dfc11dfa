"""Who was replaced writes nothing more; what is heard twice is written once."""

from collections.abc import Callable

import pytest
from django.db import transaction

from slipway.core.rollout.value.words import End
from slipway.core.words.instances import transitional
from slipway.core.words.kinds import RolloutKind, RolloutStatus
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.ask import queries
from slipway.records.rollouts.models import Epoch, LogLine, Rollout, Step, Target
from slipway.records.rollouts.operations import steering
from slipway.records.rollouts.run.claims import LeaseLost, claim
from slipway.records.rollouts.run.loading import load
from slipway.records.rollouts.run.words import later_words
from tests.hand import Hand
from tests.records.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World(hosts=3)


@pytest.fixture
def rollout(world: World) -> Rollout:
    return world.start("deploy", world.version("1.0"))


def test_the_first_claim_begins_the_rollout(rollout: Rollout) -> None:
    Hand(rollout, "worker-1")
    begun = Rollout.objects.get(pk=rollout.pk)
    assert (begun.state, begun.driver) == (RolloutStatus.RUNNING, "worker-1")
    assert begun.started_at is not None


def test_epochs_only_grow_and_begin_at_the_clock(rollout: Rollout) -> None:
    first = Hand(rollout).held.epoch
    second = Hand(rollout, "worker-2").held.epoch
    assert second > first > 1_700_000_000
    Epoch.objects.update(value=second + 10**6)  # a host may have seen a clock ahead of ours
    assert Hand(rollout).held.epoch == second + 10**6 + 1


def test_a_driver_that_was_replaced_writes_nothing(rollout: Rollout) -> None:
    late = Hand(rollout)
    first, second, _ = late.places()
    late.start(first)
    Hand(rollout, "worker-2")
    before = rows_of(rollout)
    writes: list[Callable[[], object]] = [
        lambda: late.start(second),
        lambda: late.step(first, ["unpack"]),
        lambda: late.succeed(first),
        lambda: late.close(End.SUCCEEDED),
        lambda: late.say("late"),
    ]
    for write in writes:
        with pytest.raises(LeaseLost):
            write()
    assert rows_of(rollout) == before
    assert [str(line)[:7] for line in LogLine.objects.all()] == ["Worker "]  # of the takeover


def rows_of(rollout: Rollout) -> object:
    of_it = (
        Rollout.objects.filter(pk=rollout.pk),
        Target.objects.filter(rollout=rollout),
        Step.objects.filter(target__rollout=rollout),
    )
    return [list(rows.order_by("pk").values_list()) for rows in of_it]


def test_who_drives_it_and_since_when_is_known_and_a_takeover_told(rollout: Rollout) -> None:
    Hand(rollout, "app-1:4711:aaaa")
    first = Rollout.objects.get(pk=rollout.pk)
    Hand(rollout, "app-1:4711:aaaa")  # once more, after a nap
    again = Rollout.objects.get(pk=rollout.pk)
    assert again.driver_since == first.driver_since == first.started_at
    assert not LogLine.objects.exists()
    Hand(rollout, "app-2:23:bbbb")
    after = Rollout.objects.get(pk=rollout.pk)
    assert after.driver_since is not None
    line = LogLine.objects.get()
    assert (line.rev, line.at) == (after.rev, after.driver_since)
    assert str(line) == ("Worker app-2 (23) drives it from now on; until now it was app-1 (4711).")


def test_a_rollout_that_is_over_is_claimed_by_nobody(world: World, rollout: Rollout) -> None:
    world.finish(rollout)
    with pytest.raises(LeaseLost), transaction.atomic():
        claim(rollout_id=rollout.pk, driver="worker-2", now=world.clock())


def test_a_step_heard_twice_is_written_once(rollout: Rollout) -> None:
    hand = Hand(rollout)
    place = hand.places()[0]
    hand.start(place)
    hand.step(place, ["unpack"])
    first = Step.objects.get(name="unpack")
    hand.step(place, ["unpack"], exit_code=1)
    again = Step.objects.get(name="unpack")
    assert (again.exit_code, again.finished_at) == (0, first.finished_at)


def test_every_change_has_a_revision_of_its_own(rollout: Rollout) -> None:
    hand = Hand(rollout)
    seen = Rollout.objects.get(pk=rollout.pk).rev
    for place in hand.places():
        hand.succeed(place)
        delta = queries.changes_since(rollout.pk, seen)
        assert [cell.id for cell in delta.cells] == [hand.loaded.rows[place].id]
        assert delta.rev > seen
        seen = delta.rev
    assert not queries.changes_since(rollout.pk, seen).cells


def test_a_long_story_comes_in_parts_and_whole(
    rollout: Rollout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "LINES_AT_ONCE", 7)
    hand = Hand(rollout)
    for number in range(30):
        hand.say(f"{number:02}\0")
    told: list[str] = []
    rev, looks = 0, 0
    while rev < Rollout.objects.get(pk=rollout.pk).rev:
        delta = queries.changes_since(rollout.pk, rev)
        told += [str(line)[:2] for line in delta.story]
        rev, looks = delta.rev, looks + 1
    assert told == [f"{number:02}" for number in range(30)]
    assert looks > 3


def test_the_value_is_what_was_planned_whatever_is_said_later(
    world: World, rollout: Rollout
) -> None:
    before = load(rollout.pk).value
    world.environment.bake_time *= 5
    world.environment.save()
    after = load(rollout.pk).value
    assert len([t for t in after.targets.values() if t.is_target]) == 3
    assert after.policy == before.policy


def test_closing_cancels_what_was_not_begun(world: World, rollout: Rollout) -> None:
    world.finish(rollout, only=["web-1"], end=End.CANCELLED)
    states = dict(Target.objects.values_list("host__name", "state"))
    assert states == {"web-1": "succeeded", "web-2": "cancelled", "web-3": "cancelled"}


def test_nothing_is_left_transitional_by_an_end(world: World, rollout: Rollout) -> None:
    world.finish(rollout, failing=["web-1"], untouched=["web-2"])
    upgrade = world.finish(
        world.start("upgrade", world.version("1.1")), failing=["web-3"], untouched=["web-1"]
    )
    assert upgrade.finished_at
    assert not Instance.objects.filter(status__in=set(map(transitional, RolloutKind))).exists()


# --- steering ------------------------------------------------------------------------------------


def words(rollout: Rollout) -> list[str]:
    return [wish.word.value for _, wish in later_words(rollout.pk, 0)]


def test_pause_and_resume_are_data_and_told(world: World, rollout: Rollout) -> None:
    Hand(rollout)
    paused = steering.pause_rollout(
        rollout=rollout, by=world.alice, now=world.clock(), reason="lunch"
    )
    assert paused.state == RolloutStatus.PAUSED
    assert words(rollout) == ["pause"]
    assert str(LogLine.objects.get()) == "alice paused it: lunch"
    again = steering.pause_rollout(rollout=rollout, by=world.alice, now=world.clock())
    assert again.rev == paused.rev
    resumed = steering.resume_rollout(rollout=rollout, by=world.alice, now=world.clock())
    assert resumed.state == RolloutStatus.RUNNING
    assert resumed.rev > paused.rev
    assert words(rollout) == ["pause", "resume"]


def test_what_was_paused_before_it_began_begins_after_it_is_resumed(
    world: World, rollout: Rollout
) -> None:
    steering.pause_rollout(rollout=rollout, by=world.alice, now=world.clock())
    steering.resume_rollout(rollout=rollout, by=world.alice, now=world.clock())
    Hand(rollout)
    begun = Rollout.objects.get(pk=rollout.pk)
    assert begun.state == RolloutStatus.RUNNING
    assert begun.started_at


def test_cancelling_asks_the_driver(world: World, rollout: Rollout) -> None:
    steering.cancel_rollout(rollout=rollout, by=world.alice, now=world.clock())
    assert words(rollout) == ["cancel"]
    assert not RolloutStatus(Rollout.objects.get(pk=rollout.pk).state).is_over


def test_a_rollout_that_is_over_is_steered_by_nobody(world: World, rollout: Rollout) -> None:
    world.finish(rollout)
    for operation in (
        steering.pause_rollout,
        steering.resume_rollout,
        steering.cancel_rollout,
        steering.promote_rollout,
    ):
        with pytest.raises(Exception, match="is over: succeeded"):
            operation(rollout=rollout, by=world.alice, now=world.clock())


def test_promoting_lets_one_batch_pass_however_often_it_is_clicked() -> None:
    world = World(hosts=3, batches="1", promotion_needed=True)
    rollout = world.start("deploy", world.version("1.0"))
    hand = Hand(rollout)
    promote = dict(rollout=rollout, by=world.alice)
    with pytest.raises(Exception, match="No batch"):
        steering.promote_rollout(**promote, now=world.clock())  # type: ignore[arg-type]
    hand.succeed(hand.places()[0])
    steering.promote_rollout(**promote, now=world.clock())  # type: ignore[arg-type]
    with pytest.raises(Exception, match="No batch"):
        steering.promote_rollout(**promote, now=world.clock())  # type: ignore[arg-type]
    assert words(rollout) == ["promote"]


def test_closing_needs_the_claim_too(rollout: Rollout) -> None:
    late = Hand(rollout)
    Hand(rollout, "worker-2")
    with pytest.raises(LeaseLost):
        late.close()

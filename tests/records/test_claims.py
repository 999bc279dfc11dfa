"""Who was replaced writes nothing more; what is heard twice is written once."""

from collections.abc import Callable

import pytest
from django.db import transaction
from slipway.records.rollouts.progress import LeaseLost, Line

from slipway.core.kinds import RolloutStatus
from slipway.core.rollout.status import TargetStatus
from slipway.records.rollouts import endings, operations, progress, queries
from slipway.records.rollouts.models import Epoch, LogLine, Rollout, Step, Target
from slipway.records.rollouts.state import get_state
from tests.records.world import Driver, World
from tests.sentences import said

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World(hosts=3)


@pytest.fixture
def rollout(world: World) -> Rollout:
    return world.start("deploy", world.version("1.0"))


def test_the_first_claim_begins_the_rollout(world: World, rollout: Rollout) -> None:
    Driver(rollout, world.clock)
    begun = Rollout.objects.get(pk=rollout.pk)
    assert (begun.state, begun.driver) == (RolloutStatus.RUNNING, "worker-1")
    assert begun.started_at is not None


def test_epochs_only_grow_and_begin_at_the_clock(world: World, rollout: Rollout) -> None:
    first = Driver(rollout, world.clock)
    second = Driver(rollout, world.clock, "worker-2")
    assert second.epoch > first.epoch > 1_700_000_000
    Epoch.objects.update(value=second.epoch + 10**6)  # a host may have seen a clock ahead of ours
    assert Driver(rollout, world.clock).epoch == second.epoch + 10**6 + 1


def test_a_driver_that_was_replaced_writes_nothing(world: World, rollout: Rollout) -> None:
    late = Driver(rollout, world.clock)
    target = next(iter(late.targets()))
    late.begin(target)
    Driver(rollout, world.clock, "worker-2")
    before = queries.rollout_as_dict(queries.get_rollout(rollout.pk))
    writes: list[Callable[[], object]] = [
        lambda: late.begin(target),
        lambda: late.step(target, "unpack"),
        lambda: late.end(target, TargetStatus.SUCCEEDED),
        lambda: late.close(RolloutStatus.SUCCEEDED),
        lambda: progress.tell(**late.mine, lines=[Line("late")], now=world.clock()),
    ]
    for write in writes:
        with pytest.raises(LeaseLost):
            write()
    assert queries.rollout_as_dict(queries.get_rollout(rollout.pk)) == before
    assert not LogLine.objects.exists()


def test_a_rollout_that_is_over_is_claimed_by_nobody(world: World, rollout: Rollout) -> None:
    world.finish(rollout)
    with pytest.raises(LeaseLost), transaction.atomic():
        progress.claim(rollout_id=rollout.pk, driver="worker-2", now=world.clock())


def test_a_step_heard_twice_is_written_once(world: World, rollout: Rollout) -> None:
    driver = Driver(rollout, world.clock)
    target = next(iter(driver.targets()))
    driver.begin(target)
    driver.step(target, "unpack")
    first = Step.objects.get(name="unpack")
    driver.step(target, "unpack", exit_code=1)
    again = Step.objects.get(name="unpack")
    assert (again.exit_code, again.finished_at) == (0, first.finished_at)


def test_an_end_heard_twice_is_written_once(world: World, rollout: Rollout) -> None:
    driver = Driver(rollout, world.clock)
    target = next(iter(driver.targets()))
    driver.succeed(target)
    driver.end(target, TargetStatus.FAILED)
    assert Target.objects.get(pk=target.pk).state == TargetStatus.SUCCEEDED


def test_every_change_has_a_revision_of_its_own(world: World, rollout: Rollout) -> None:
    driver = Driver(rollout, world.clock)
    seen = Rollout.objects.get(pk=rollout.pk).rev
    for target in driver.targets():
        driver.succeed(target)
        delta = queries.changes_since(rollout.pk, seen)
        assert [cell["id"] for cell in delta.told()["cells"]] == [target.pk]
        assert delta.rev > seen
        seen = delta.rev
    assert queries.changes_since(rollout.pk, seen).told()["cells"] == []


def test_a_long_story_comes_in_parts_and_whole(
    world: World, rollout: Rollout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "LINES_AT_ONCE", 7)
    driver = Driver(rollout, world.clock)
    for number in range(10):
        lines = [Line(f"{number}.{part}\0") for part in range(3)]
        progress.tell(**driver.mine, lines=lines, now=world.clock())
    told: list[str] = []
    rev, looks = 0, 0
    while rev < Rollout.objects.get(pk=rollout.pk).rev:
        delta = queries.changes_since(rollout.pk, rev)
        told += [line["text"][:3] for line in delta.told()["lines"]]
        rev, looks = delta.rev, looks + 1
    assert told == [f"{number}.{part}" for number in range(10) for part in range(3)]
    assert looks > 3


def test_the_state_is_what_was_frozen_at_the_start(world: World, rollout: Rollout) -> None:
    world.environment.bake_time *= 5
    world.environment.save()
    state = get_state(rollout.pk)
    assert len(state.targets) == 3
    assert state.bake_time == rollout.bake_time
    assert not any(target.was_healthy for target in state.targets)


def test_closing_cancels_what_was_not_begun(world: World, rollout: Rollout) -> None:
    world.finish(rollout, only=["web-1"], state=RolloutStatus.CANCELLED)
    states = dict(Target.objects.values_list("host__name", "state"))
    assert states == {"web-1": "succeeded", "web-2": "cancelled", "web-3": "cancelled"}


def test_nothing_is_left_transitional_by_an_end(world: World, rollout: Rollout) -> None:
    world.finish(rollout, failing=["web-1"], untouched=["web-2"])
    upgrade = world.finish(
        world.start("upgrade", world.version("1.1")), failing=["web-3"], untouched=["web-1"]
    )
    assert upgrade.finished_at
    assert not type(world.instance("web-1")).objects.transitional().exists()


# --- steering ------------------------------------------------------------------------------------


def test_pause_and_resume_are_data_and_told(world: World, rollout: Rollout) -> None:
    Driver(rollout, world.clock)
    paused = operations.pause_rollout(
        rollout=rollout, by=world.alice, now=world.clock(), reason="lunch"
    )
    assert paused.state == RolloutStatus.PAUSED
    assert get_state(rollout.pk).paused
    assert str(LogLine.objects.get()) == "alice paused it: lunch"
    again = operations.pause_rollout(rollout=rollout, by=world.alice, now=world.clock())
    assert again.rev == paused.rev
    resumed = operations.resume_rollout(rollout=rollout, by=world.alice, now=world.clock())
    assert resumed.state == RolloutStatus.RUNNING
    assert resumed.rev > paused.rev


def test_what_was_paused_before_it_began_begins_after_it_is_resumed(
    world: World, rollout: Rollout
) -> None:
    operations.pause_rollout(rollout=rollout, by=world.alice, now=world.clock())
    operations.resume_rollout(rollout=rollout, by=world.alice, now=world.clock())
    Driver(rollout, world.clock)
    begun = Rollout.objects.get(pk=rollout.pk)
    assert begun.state == RolloutStatus.RUNNING
    assert begun.started_at


def test_cancelling_asks_the_driver(world: World, rollout: Rollout) -> None:
    operations.cancel_rollout(rollout=rollout, by=world.alice, now=world.clock())
    assert get_state(rollout.pk).cancelled
    assert not RolloutStatus(Rollout.objects.get(pk=rollout.pk).state).is_over


def test_a_rollout_that_is_over_is_steered_by_nobody(world: World, rollout: Rollout) -> None:
    world.finish(rollout)
    for operation in (
        operations.pause_rollout,
        operations.resume_rollout,
        operations.cancel_rollout,
        operations.promote_rollout,
    ):
        with pytest.raises(Exception, match="is over: succeeded"):
            operation(rollout=rollout, by=world.alice, now=world.clock())


def test_promoting_lets_one_batch_pass_however_often_it_is_clicked() -> None:
    world = World(hosts=3, batches="1", promotion_needed=True)
    rollout = world.start("deploy", world.version("1.0"))
    driver = Driver(rollout, world.clock)
    promote = dict(rollout=rollout, by=world.alice)
    with pytest.raises(Exception, match="No batch"):
        operations.promote_rollout(**promote, now=world.clock())  # type: ignore[arg-type]
    driver.succeed(next(iter(driver.targets())))
    operations.promote_rollout(**promote, now=world.clock())  # type: ignore[arg-type]
    with pytest.raises(Exception, match="No batch"):
        operations.promote_rollout(**promote, now=world.clock())  # type: ignore[arg-type]
    assert get_state(rollout.pk).promoted_batches == 1


def test_closing_needs_the_claim_too(world: World, rollout: Rollout) -> None:
    with pytest.raises(LeaseLost):
        endings.close_rollout(
            rollout_id=rollout.pk,
            epoch=1,
            state=RolloutStatus.SUCCEEDED,
            outcome=said("over"),
            now=world.clock(),
        )

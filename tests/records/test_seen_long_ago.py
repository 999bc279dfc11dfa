"""That nothing is to do is said of what was seen lately; what was not, is asked, or told."""

from datetime import timedelta

import pytest

from slipway.core.rollout.value.words import End
from slipway.ports import HostUnreachable
from slipway.records.fleet.models import Host, HostState, Instance
from slipway.records.rollouts.models import Rollout, Target
from slipway.records.rollouts.operations import returns
from slipway.records.rollouts.wish.refusals import NothingToDo, SeenLongAgo
from tests.records.world import World, going
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def standing() -> World:
    world = World(hosts=2)
    world.run("deploy", world.version("1.0"))
    return world


def look(world: World, *, ago: timedelta) -> None:
    """All hosts were looked at, and all was as it is wanted."""
    for instance in Instance.objects.with_names():
        instance.seen_at = world.clock.now - ago
        instance.save(update_fields=["seen_at"])


LATELY, LONG_AGO = timedelta(minutes=1), timedelta(minutes=5)


def test_a_deploy_again_is_nothing_to_do_only_as_long_as_it_was_seen(world: World) -> None:
    again = world.version("1.0")
    look(world, ago=LATELY)
    with pytest.raises(NothingToDo):
        world.start("deploy", again)
    look(world, ago=LONG_AGO)
    with pytest.raises(SeenLongAgo, match="as far as was seen") as refused:
        world.start("deploy", again)
    assert refused.value.sentence.english_hint.startswith("Upgrade it")


def test_a_rollback_of_what_seems_to_be_back_asks(world: World) -> None:
    bad = world.finish(world.start("upgrade", world.version("1.1")), failing=["web-1", "web-2"])
    world.finish(returns.roll_back(rollout=bad, by=world.alice, now=world.clock()))
    look(world, ago=LATELY)
    with pytest.raises(NothingToDo):
        returns.roll_back(rollout=bad, by=world.alice, now=world.clock())
    look(world, ago=LONG_AGO)
    asks = returns.roll_back(rollout=bad, by=world.alice, now=world.clock())
    assert set(going(asks).values()) == {("1.0", "1.0")}
    assert Target.objects.filter(rollout=asks).count() == 2


def seems_done(world: World) -> Rollout:
    """It was cancelled before web-2, which was brought there by another rollout since."""
    new = world.version("1.1")
    half = world.finish(world.start("upgrade", new), only=["web-1"], end=End.CANCELLED)
    world.run("upgrade", new)
    return half


def test_a_retry_of_what_seems_to_be_done_asks(world: World) -> None:
    half = seems_done(world)
    look(world, ago=LATELY)
    with pytest.raises(NothingToDo):
        returns.retry_rollout(rollout=half, by=world.alice, now=world.clock())
    look(world, ago=LONG_AGO)
    asks = returns.retry_rollout(rollout=half, by=world.alice, now=world.clock())
    assert going(asks) == {"web-2": ("1.1", "1.1")}  # web-1 has succeeded: that is no sighting


def test_a_stop_of_what_seems_stopped_asks(world: World) -> None:
    world.run("stop")
    look(world, ago=LATELY)
    with pytest.raises(NothingToDo):
        world.start("stop")
    look(world, ago=LONG_AGO)
    assert len(going(world.start("stop"))) == 2


def test_where_nobody_can_be_asked_that_is_said(world: World) -> None:
    half = seems_done(world)
    look(world, ago=LONG_AGO)
    Host.objects.update(state=HostState.UNREACHABLE)
    with pytest.raises(HostUnreachable):
        returns.retry_rollout(rollout=half, by=world.alice, now=world.clock())
    with pytest.raises(HostUnreachable):
        world.start("upgrade", world.version("1.1"))
    with pytest.raises(NothingToDo):  # at the word of who knows it
        world.start("upgrade", world.version("1.1"), skip_unreachable=True)

"""In a guarded environment whatever starts or widens work is confirmed by a name: one rule."""

from collections.abc import Callable

import pytest

from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Environment, Host
from slipway.records.rollouts.models import PersonsWord, Rollout
from slipway.records.rollouts.operations import answers, locks, restores, returns, starts, steering
from slipway.records.rollouts.wish.refusals import Locked, NothingToDo, Unconfirmed
from tests.records.test_answers import NO_ROOM, asking
from tests.records.world import World
from tests.standing import made_once

pytestmark = pytest.mark.django_db

Way = Callable[..., object]


@made_once
def standing() -> World:
    """billing 1.0 on two hosts of prod, which is guarded; 1.1 is there."""
    world = World(hosts=2)
    world.run("deploy", world.version("1.0"))
    world.version("1.1")
    guard(30)
    world.environment.refresh_from_db()
    return world


def guard(order: int) -> None:
    Environment.objects.update(order=order)


def upgrade(world: World, **more: object) -> Rollout:
    version = world.service.versions.get(name="1.1")
    return starts.start_rollout(
        wish=world.wish("upgrade", version),
        by=world.alice,
        now=world.clock(),
        **more,  # type: ignore[arg-type]
    )


def begun(world: World) -> Rollout:
    return upgrade(world, confirm="billing")


def start(world: World) -> Way:
    return lambda **more: upgrade(world, **more)


def retry(world: World) -> Way:
    failed = world.finish(begun(world), failing=["web-2"])
    return _of(world, returns.retry_rollout, rollout=failed)


def roll_back(world: World) -> Way:
    return _of(world, returns.roll_back, rollout=world.finish(begun(world)))


def restore(world: World) -> Way:
    host = Host.objects.select_related("environment").get(name="web-1")
    host.instances.update(seen_bare=True, seen_link="", seen_version="", healthy=False)
    return _of(world, restores.restore_host, host=host)


def resume(world: World) -> Way:
    rollout = begun(world)
    steering.pause_rollout(rollout=rollout, by=world.alice, now=world.clock())
    return _of(world, steering.resume_rollout, rollout=rollout)


def promote(world: World) -> Way:
    Environment.objects.update(promotion_needed=True, batches="1")
    world.environment.refresh_from_db()
    rollout = begun(world)
    rollout.targets.filter(batch=1).update(state="succeeded")
    return _of(world, steering.promote_rollout, rollout=rollout)


def go_on(world: World) -> Way:
    return _of(world, answers.answer_question, rollout=asking(begun(world)), answer="go-on")


def without(world: World) -> Way:
    return _of(world, answers.answer_question, rollout=asking(begun(world)), answer="without")


def gone(world: World) -> Way:
    return _of(world, answers.say_gone, rollout=begun(world), place="web-1")


def _of(world: World, operation: Way, **what: object) -> Way:
    return lambda **more: operation(**what, by=world.alice, now=world.clock(), **more)


WAYS = [start, retry, roll_back, restore, resume, promote, go_on, without, gone]


def written() -> tuple[int, int]:
    return Rollout.objects.count(), PersonsWord.objects.count()


@pytest.mark.parametrize("prepared", WAYS)
@pytest.mark.parametrize("said", ["", "bill", "BILLING", "prod", "billing,shop"])
def test_without_the_name_nothing_begins(
    world: World, prepared: Callable[[World], Way], said: str
) -> None:
    way = prepared(world)
    before = written()
    with pytest.raises(Unconfirmed) as refused:
        way(confirm=said)
    name = "web-1" if prepared is restore else "billing"
    assert refused.value.message == f"Type {name} to confirm."
    assert f"--confirm {name}" in refused.value.hint
    assert written() == before


@pytest.mark.parametrize("prepared", WAYS)
def test_with_the_name_it_begins(world: World, prepared: Callable[[World], Way]) -> None:
    way = prepared(world)
    before = written()
    way(confirm="web-1" if prepared is restore else " billing ")
    assert written() > before


@pytest.mark.parametrize("prepared", WAYS)
def test_elsewhere_no_name_is_asked(world: World, prepared: Callable[[World], Way]) -> None:
    guard(29)
    world.environment.refresh_from_db()
    way = prepared(world)
    before = written()
    way()
    assert written() > before


@pytest.mark.parametrize("prepared", WAYS)
def test_who_cannot_be_asked_is_taken_at_his_word(
    world: World, prepared: Callable[[World], Way]
) -> None:
    way = prepared(world)
    before = written()
    way()
    assert written() > before


def test_what_holds_or_ends_is_kept_from_nobody(world: World) -> None:
    rollout = asking(begun(world), NO_ROOM)
    for way in (
        _of(world, steering.pause_rollout, rollout=rollout),
        _of(world, answers.answer_question, rollout=rollout, answer="cancel"),
        _of(world, steering.cancel_rollout, rollout=rollout),
    ):
        way()
    words = PersonsWord.objects.filter(rollout=rollout).order_by("pk")
    assert [each.word for each in words] == ["pause", "answer", "cancel"]


def test_what_begins_by_itself_asks_nobody(world: World) -> None:
    version = world.service.versions.get(name="1.1")
    wish = world.wish("upgrade", version)
    rollout = starts.start_rollout(wish=wish, by=Actor.system(), now=world.clock())
    assert rollout.pk


def test_nobody_is_asked_for_a_name_when_nothing_could_begin(world: World) -> None:
    version = world.service.versions.get(name="1.0")
    with pytest.raises(NothingToDo):
        starts.start_rollout(wish=world.wish("upgrade", version), by=world.alice, now=world.clock())
    locks.lock_service(
        service=world.service,
        environment=world.environment,
        reason="the books are closed",
        until=None,
        by=world.boss,
        now=world.clock(),
    )
    with pytest.raises(Locked):
        upgrade(world)

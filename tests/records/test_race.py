"""Ten people start in the same instant: one wins, nine are told who, fifty times over."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections, transaction

from slipway.core.rollout.value.words import End
from slipway.core.words.kinds import RolloutStatus
from slipway.core.words.roles import Role
from slipway.records.accounts.rights import Actor
from slipway.records.rollouts.models import Epoch, Rollout
from slipway.records.rollouts.operations import starts
from slipway.records.rollouts.run.claims import claim as claim_rollout
from slipway.records.rollouts.wish.refusals import ActiveRollout
from tests.hand import Hand
from tests.records.people import person
from tests.records.world import World

CLIENTS, ROUNDS = 10, 50

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(work: Callable[[int], object], barrier: Barrier) -> Callable[[int], object]:
    def run(number: int) -> object:
        try:
            barrier.wait(timeout=60)
            return work(number)
        finally:
            connections.close_all()

    return run


@pytest.mark.long
def test_of_ten_starts_in_one_instant_exactly_one_wins() -> None:
    world = World(hosts=1)
    world.run("deploy", world.version("1.0"))
    people = [person(f"client-{n}", (Role.DEPLOYER, "", "")) for n in range(CLIENTS)]
    barrier = Barrier(CLIENTS)

    def start(number: int) -> Rollout | ActiveRollout:
        try:
            return starts.start_rollout(
                wish=world.wish("restart"), by=people[number], now=world.clock()
            )
        except ActiveRollout as refused:
            return refused

    with ThreadPoolExecutor(CLIENTS) as pool:
        for _ in range(ROUNDS):
            answers = list(pool.map(at_once(start, barrier), range(CLIENTS)))
            check_one_won(answers, people)
            close_what_runs(world)
    assert Rollout.objects.filter(kind="restart").count() == ROUNDS


def check_one_won(answers: list[object], people: list[Actor]) -> None:
    won = [answer for answer in answers if isinstance(answer, Rollout)]
    lost = [answer for answer in answers if isinstance(answer, ActiveRollout)]
    assert (len(won), len(lost)) == (1, CLIENTS - 1), answers
    winner = people[answers.index(won[0])].name
    for refused in lost:
        assert winner in refused.message
        assert str(won[0].pk) in refused.message


def close_what_runs(world: World) -> None:
    rollout = Rollout.objects.get(state=RolloutStatus.PENDING)
    Hand(rollout).close(End.CANCELLED)


def test_ten_claims_in_one_instant_get_ten_different_epochs_and_one_is_left() -> None:
    world = World(hosts=1)
    rollout = world.start("deploy", world.version("1.0"))
    barrier = Barrier(CLIENTS)

    def claim(number: int) -> int:
        with transaction.atomic():
            return claim_rollout(
                rollout_id=rollout.pk, driver=f"worker-{number}", now=world.clock()
            ).epoch

    with ThreadPoolExecutor(CLIENTS) as pool:
        epochs = list(pool.map(at_once(claim, barrier), range(CLIENTS)))
    assert len(set(epochs)) == CLIENTS
    left = Rollout.objects.get(pk=rollout.pk)
    assert left.epoch == max(epochs)  # type: ignore[type-var]
    assert left.driver == f"worker-{epochs.index(left.epoch)}"
    assert Epoch.objects.get().value == left.epoch

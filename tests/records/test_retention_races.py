"""Letting go against rollbacks and uploads in the same instant: one comes first, the other sees."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from slipway.core.rollout.value.words import End
from slipway.core.words.kinds import RolloutKind
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Package, Version
from slipway.records.catalog.operations.versions import take_version
from slipway.records.catalog.queries.services import VersionNotReady, get_package_ref
from slipway.records.fleet.models import Environment
from slipway.records.releasing.operations import retention
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.operations import returns, starts
from slipway.records.rollouts.wish.wishes import Wish
from tests.records.storekeeping import keep, sha256_of
from tests.records.world import World, stored

ROUNDS = 25

pytestmark = pytest.mark.django_db(transaction=True)


def together(*works: Callable[[], object]) -> list[object]:
    """Do all in one instant, each in a thread of its own."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        try:
            barrier.wait(timeout=60)
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


class Shelf(World):
    """1.0 ran, and is nowhere any more: it goes, unless somebody takes the removal back."""

    def __init__(self) -> None:
        super().__init__(hosts=1)
        self.old = self.version("1.0")
        self.run("deploy", self.old)
        self.gone = self.run("delete")
        self.newest = self.version("1.1")
        keep(self, 1)

    def let_go(self) -> str | None:
        package = Package.objects.get(sha256=sha256_of(self.old))
        by = Actor.system()
        return retention.let_go(package_id=package.pk, by=by, now=self.clock())

    def take_back(self) -> Rollout | VersionNotReady:
        try:
            return returns.roll_back(rollout=self.gone, by=self.alice, now=self.clock())
        except VersionNotReady as refused:
            return refused

    def version_of_old(self, name: str) -> Version:
        """Another version, made of the bytes of 1.0."""
        version, _ = take_version(
            service=self.service,
            stored=stored("billing 1.0"),
            name=name,
            by=self.alice,
            now=self.clock(),
        )
        return version

    def is_kept(self) -> bool:
        return Package.objects.get(sha256=sha256_of(self.old)).removed_at is None


def test_a_rollback_in_the_instant_of_letting_go_has_its_package_or_is_refused() -> None:
    shelf = Shelf()
    for number in range(ROUNDS):
        works = [shelf.let_go, shelf.take_back]
        answers = together(*works[:: 1 if number % 2 else -1])
        sha256, back = answers if number % 2 else reversed(answers)
        assert isinstance(back, Rollout) == (sha256 is None), (sha256, back)
        assert shelf.is_kept() == isinstance(back, Rollout)
        if isinstance(back, Rollout):
            shelf.finish(back, only=[], end=End.CANCELLED)
        else:
            shelf.version("1.0")  # the same bytes again


def test_a_new_version_of_the_same_bytes_in_that_instant_always_has_its_package() -> None:
    """The name is new, so it is the newest of its service, and needed for that."""
    shelf = Shelf()
    for number in range(ROUNDS):
        name = f"again-{number}"

        def upload(name: str = name) -> Version:
            return shelf.version_of_old(name)

        _, version = together(shelf.let_go, upload)
        assert isinstance(version, Version)
        assert shelf.is_kept()
        assert get_package_ref(Version.objects.get(pk=version.pk))
        shelf.version(f"newer-{number}")  # what was made again is old again


def test_two_who_let_go_of_the_same_package_write_it_down_once() -> None:
    shelf = Shelf()
    for _ in range(ROUNDS):
        answers = together(shelf.let_go, shelf.let_go)
        assert sorted(map(bool, answers)) == [False, True]
        shelf.version("1.0")


def test_starts_that_hold_many_packages_never_wait_for_each_other_in_a_circle() -> None:
    """Going back leads each instance to its own version: the same packages in two environments,
    in another order."""
    world = World(hosts=0)
    prod, test = world.environment, world.make_environment("test")
    one, two = world.version("1.0"), world.version("1.1")
    for environment, versions in ((prod, (one, two)), (test, (two, one))):
        world.environment = environment
        for number, version in enumerate(versions):
            world.run("deploy", version, world.make_host(f"{environment}-{number}").name)
        world.run("upgrade", world.version(f"2.0-{environment}"))

    def start(environment: Environment) -> Callable[[], Rollout]:
        wish = Wish(RolloutKind.REVERT, world.service, environment)
        return lambda: starts.start_rollout(wish=wish, by=world.alice, now=world.clock())

    for _ in range(ROUNDS // 2):
        for rollout in together(start(prod), start(test)):
            assert isinstance(rollout, Rollout)
            assert rollout.targets.count() == 2
            world.finish(rollout, only=[], end=End.CANCELLED)

"""Whatever people do, in whatever order: nothing goes that is needed, nothing stays by accident."""

from contextlib import suppress
from copy import deepcopy

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.core.rollout.value.words import End
from slipway.core.words.refusal import Refused
from slipway.records.catalog.models import Version
from slipway.records.catalog.queries.services import get_package_ref
from slipway.records.fleet.models import Instance
from slipway.records.releasing import retention
from slipway.records.rollouts.models import Rollout, Target
from slipway.records.rollouts.operations import locks, returns
from tests.records.storekeeping import keep, let_all_go, sha256_of
from tests.records.world import World, versions_that_ran
from tests.standing import made_once

pytestmark = [pytest.mark.django_db, pytest.mark.long]


class Life:
    """billing on two hosts of prod, keeping one version; people do this and that."""

    def __init__(self) -> None:
        self.world = World(hosts=2)
        keep(self.world, 1)
        self.versions = [self.world.version("0")]
        self.open: list[Rollout] = []

    def live(self, action: str, number: int) -> None:
        """Do something; being refused is part of life."""
        version = self.versions[number % len(self.versions)]
        with suppress(Refused):
            getattr(self, action)(version)
        rollouts = Rollout.objects.filter(state__in=("pending", "running", "paused"))
        self.open = list(rollouts)

    def build(self, _version: Version) -> None:
        self.versions.append(self.world.version(str(len(self.versions))))

    def upload_again(self, version: Version) -> None:
        self.world.version(version.name)

    def deploy(self, version: Version) -> None:
        self.world.run("deploy", version)

    def upgrade(self, version: Version) -> None:
        self.world.run("upgrade", version)

    def go_back(self, _version: Version) -> None:
        self.world.run("revert")

    def fail(self, version: Version) -> None:
        self.world.finish(self.world.start("upgrade", version), failing=["web-1"], only=["web-1"])

    def fail_and_roll_back(self, version: Version) -> None:
        begun = self.world.start("upgrade", version)
        self.world.finish(begun, taken_back=["web-2"], only=["web-2"], end=End.TAKEN_BACK)

    def begin(self, version: Version) -> None:
        self.world.start("upgrade", version)

    def begin_to_go_back(self, _version: Version) -> None:
        self.world.start("revert")

    def end(self, _version: Version) -> None:
        for rollout in self.open:
            self.world.finish(rollout)

    def remove(self, _version: Version) -> None:
        self.world.run("delete", None, "web-1")

    def take_back(self, _version: Version) -> None:
        last = Rollout.objects.order_by("-id").first()
        if last:
            returns.roll_back(rollout=last, by=self.world.alice, now=self.world.clock())

    def unlock(self, _version: Version) -> None:
        locks.unlock_service(
            service=self.world.service,
            environment=self.world.environment,
            reason="looked at",
            by=self.world.boss,
            now=self.world.clock(),
        )

    def needed(self) -> set[str]:
        """What must not go, asked row by row, in the words of the rule."""
        found: list[Version | None] = [self.versions[-1]]
        for instance in Instance.objects.with_names():
            found += [instance.version, instance.previous_version]
            found += versions_that_ran(instance)
            found += [v for v in self.versions if v.name == instance.seen_version]
        for target in Target.objects.filter(rollout__in=self.open):
            found += [target.from_version, target.to_version]
        return {sha256_of(version) for version in found if version}


ACTIONS = (
    "build",
    "build",
    "upgrade",
    "upload_again",
    "deploy",
    "upgrade",
    "go_back",
    "fail",
    "fail_and_roll_back",
    "begin",
    "begin_to_go_back",
    "end",
    "remove",
    "take_back",
    "unlock",
)


# What ran before what ran before is a way back as well.
BEFORE = [
    ("deploy", 0),
    *[(action, number) for number in (1, 2, 3) for action in ("build", "upgrade")],
    ("build", 0),
    ("build", 0),
]


@made_once
def standing() -> Life:
    life = Life()
    for action, number in BEFORE:
        check_after(life, action, number)
    return life


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 6)), min_size=3, max_size=10))
def test_whatever_happens_nothing_goes_that_is_needed(
    standing: Life, history: list[tuple[str, int]]
) -> None:
    with transaction.atomic():
        life = deepcopy(standing)
        for action, number in history:
            check_after(life, action, number)
        transaction.set_rollback(True)


def check_after(life: Life, action: str, number: int) -> None:
    """Let this happen, and see who lets go of what."""
    life.live(action, number)
    needed = life.needed()
    shown = {fate.sha256 for fate in retention.preview_retention().going}
    gone = let_all_go(life.world)
    assert gone == shown, "the run does what the dry run says"
    assert not gone & needed
    for rollout in life.open:  # a package that is gone is nobody's goal
        for target in Target.objects.filter(rollout=rollout, to_version__isnull=False):
            assert target.to_version is not None
            get_package_ref(target.to_version)

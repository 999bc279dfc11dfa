"""Which packages go: never one that is needed, and never while somebody begins to need it."""

import pytest

from slipway.core.retention import Need
from slipway.records.catalog.models import Package
from slipway.records.rollouts import operations, queries
from tests.records.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World(hosts=1)


def keep(world: World, count: int | None) -> None:
    world.service.keep_versions = count
    world.service.save(update_fields=["keep_versions"])


def needs(world: World) -> dict[str, Need | None]:
    return {fate.version: fate.need for fate in queries.preview_retention(world.service).fates}


def test_each_version_says_why_it_stays(world: World) -> None:
    v = {name: world.version(name) for name in ("0.9", "1.0", "1.1", "1.2", "1.3", "1.4", "1.5")}
    for name in ("1.0", "1.1", "1.2"):
        world.run("deploy" if name == "1.0" else "upgrade", v[name])
    world.start("upgrade", v["1.3"])
    keep(world, 1)
    assert needs(world) == {
        "1.5": Need.NEWEST,
        "1.4": None,
        "1.3": Need.ROLLOUT,
        "1.2": Need.ROLLOUT,
        "1.1": Need.PREVIOUS,
        "1.0": Need.RAN,
        "0.9": None,
    }
    assert Package.objects.filter(removed_at=None).count() == 7
    assert operations

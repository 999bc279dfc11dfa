"""What a plan needs of a host, and its last check did not find, is a warning with when that was."""

import pytest

from slipway.core.rollout.plans.outlook import Obstacle
from slipway.records.fleet.models import Host
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.operations import starts
from slipway.records.rollouts.plan import planning
from tests.records.world import World
from tests.standing import made_once

pytestmark = pytest.mark.django_db
SPEC = "user: app\nrun: ./bin/billing\nhealth: {tcp: '127.0.0.1:${PORT}'}\n"
NOTHING = {"systemd": False, "tools": ["tar"], "missing_users": ["app"]}


@made_once
def standing() -> World:
    made = World(hosts=2)
    made.run("deploy", made.version("1.0"))
    return made


def obstacles(world: World, kind: str = "upgrade") -> tuple[Obstacle, ...]:
    version = world.version("1.1", spec=SPEC) if kind == "upgrade" else None
    return planning.make_plan(world.wish(kind, version), world.clock()).obstacles


def test_what_a_host_lacks_is_named_before_it_is_touched(world: World) -> None:
    Host.objects.filter(name="web-1").update(facts=NOTHING, checked_at=world.clock())
    Host.objects.filter(name="web-2").update(user="deploy")
    said = [(each.message, each.sentence.english_hint) for each in obstacles(world)]
    for (message, hint), (cause, remedy) in zip(
        said,
        [
            ("systemd does not run on web-1", "slipway host check web-1"),
            ("There is no user app on web-1", "slipway host check web-1"),
            ("web-1 has nothing to ask the health check with", "slipway host check web-1"),
            ("deploy may write no unit on web-2", "slipway host change web-2 --sudo"),
        ],
        strict=True,
    ):
        # What we were told about a host is no find of a check, least of all of one that never was.
        assert message.startswith("As of its check at ") is ("may write no unit" not in cause)
        assert "[never]" not in message
        assert cause in message
        assert remedy in hint


def test_what_was_seen_long_ago_blocks_nobody(world: World) -> None:
    Host.objects.update(facts=NOTHING)
    wish = world.wish("upgrade", world.version("1.1", spec=SPEC))
    plan = planning.make_plan(wish, world.clock())
    assert [each.blocking for each in plan.obstacles] == [False] * 6
    starts.start_rollout(wish=wish, by=world.alice, now=world.clock())
    assert Rollout.objects.filter(version__name="1.1").exists()


@pytest.mark.parametrize("kind", ["stop", "delete"])
def test_what_starts_nothing_needs_nothing(world: World, kind: str) -> None:
    Host.objects.update(facts=NOTHING, user="deploy")
    assert obstacles(world, kind) == ()

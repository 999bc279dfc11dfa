"""Where an environment asks for it, nothing comes that runs as root or as nobody who is named."""

import pytest

from slipway.core.words.refusal import Invalid
from slipway.records.fleet.models import Host, Instance
from slipway.records.fleet.operations import environments
from slipway.records.rollouts.plan.planning import make_plan
from slipway.records.rollouts.wish.refusals import UserNeeded
from tests.records.test_package_user import AS_APP, AS_NOBODY_SAYS
from tests.records.world import World, going
from tests.standing import made_once

pytestmark = pytest.mark.django_db
SCRIPTS = "supervisor: script\nscripts: {start: ./start.sh, stop: ./stop.sh}\n"
SAID = "prod asks for a user other than root, and 1.0 would run as"


@made_once
def standing() -> World:
    return World(hosts=1, named_user_needed=True)


def ask_for_it(world: World, *, on: bool) -> None:
    environments.change_environment(
        environment=world.environment,
        changes={"named_user_needed": on},
        by=world.boss,
        now=world.clock(),
    )


@pytest.mark.parametrize(
    ("spec", "user"), [(AS_NOBODY_SAYS, "root"), (SCRIPTS, "whoever logs in on the host")]
)
def test_a_new_service_that_names_nobody_does_not_come(world: World, spec: str, user: str) -> None:
    version = world.version("1.0", spec=spec)
    with pytest.raises(UserNeeded, match=f"{SAID} {user}"):
        world.start("deploy", version)
    plan = make_plan(world.wish("deploy", version, "web-1"))
    (obstacle,) = plan.obstacles
    assert (obstacle.sentence.code, obstacle.blocking) == ("user_needed", True)
    assert "slipway.yaml" in str(obstacle.sentence.advice)


def test_root_does_not_come_at_the_word_of_the_service_either(world: World) -> None:
    world.service.spec = {"user": "root"}
    world.service.save()
    with pytest.raises(UserNeeded):
        world.start("deploy", world.version("1.0", spec=AS_NOBODY_SAYS))


def test_who_names_a_user_in_package_or_service_comes(world: World) -> None:
    world.run("deploy", world.version("1.0", spec=AS_APP))
    world.service.spec = {"user": "app"}
    world.service.save()
    assert world.start("upgrade", world.version("1.1", spec=AS_NOBODY_SAYS)).pk


def test_whom_sudo_makes_root_is_root(world: World) -> None:
    version = world.version("1.0", spec=AS_APP)
    login = Host.objects.filter(name="web-1")
    login.update(user="app", become="sudo")
    with pytest.raises(UserNeeded, match="run as app, with whom we log in on web-1"):
        world.start("deploy", version)
    login.update(become="none")
    assert world.start("deploy", version).pk


def test_what_is_there_starts_and_goes_back_as_it_is(world: World) -> None:
    ask_for_it(world, on=False)
    world.run("deploy", world.version("1.0", spec=AS_NOBODY_SAYS))
    ask_for_it(world, on=True)
    world.run("restart")
    world.run("stop")
    world.run("start")
    world.run("upgrade", world.version("1.1", spec=AS_APP))
    back = world.start("revert")
    assert going(back) == {"web-1": ("1.1", "1.0")}
    world.finish(back)
    Instance.objects.update(weight=7)
    with pytest.raises(UserNeeded):
        world.start("apply")


@pytest.mark.parametrize("odd", ["yes", 1, None])
def test_the_rule_is_yes_or_no(world: World, odd: object) -> None:
    with pytest.raises(Invalid):
        ask_for_it(world, on=odd)  # type: ignore[arg-type]


def test_no_restart_brings_root_to_what_ran_as_somebody_else(world: World) -> None:
    world.run("deploy", world.version("1.0", spec=AS_APP))
    world.service.spec = {"user": "root"}
    world.service.save()
    with pytest.raises(UserNeeded):
        world.start("restart")

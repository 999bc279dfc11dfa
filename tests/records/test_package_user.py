"""As whom a service runs is the service's choice, also for what is uploaded."""

import pytest

from slipway.core.words.refusal import Invalid
from slipway.records.rollouts.plan.planning import make_plan
from tests.records.world import World, going

pytestmark = pytest.mark.django_db

AS_ROOT = "run: ./bin/billing\nuser: root\n"
AS_APP = "run: ./bin/billing\nuser: app\n"
AS_NOBODY_SAYS = "run: ./bin/billing\n"


def test_an_upload_that_pins_root_is_refused_unless_the_service_says_so() -> None:
    world = World(hosts=1)
    with pytest.raises(Invalid, match="for the service to say"):
        world.version("1.0", spec=AS_ROOT)
    world.service.spec = {"user": "root"}
    assert world.version("1.0", spec=AS_ROOT).pk


def test_who_runs_it_is_not_left_out_by_a_later_package() -> None:
    world = World(hosts=1)
    before = world.version("0.9", spec=AS_NOBODY_SAYS)  # nobody was named yet
    world.run("deploy", world.version("1.0", spec=AS_APP))
    with pytest.raises(Invalid, match="it ran as app, and now nobody is named"):
        world.version("1.1", spec=AS_NOBODY_SAYS)
    with pytest.raises(Invalid, match="it ran as app"):
        world.start("upgrade", before)
    world.service.spec = {"user": "root"}  # an admin takes it upon themselves
    world.service.save()
    assert world.start("upgrade", world.version("1.1", spec=AS_NOBODY_SAYS)).pk


def test_nor_by_the_service_itself_without_a_word() -> None:
    world = World(hosts=1)
    world.service.spec = {"user": "app"}
    world.service.save()
    world.run("deploy", world.version("1.0", spec=AS_NOBODY_SAYS))
    world.service.spec = {}
    world.service.save()
    with pytest.raises(Invalid, match="it ran as app"):
        world.start("apply")


def test_what_is_there_goes_back_stops_and_starts_as_it_was() -> None:
    world = World(hosts=1)
    world.run("deploy", world.version("1.0", spec=AS_NOBODY_SAYS))
    world.run("upgrade", world.version("1.1", spec=AS_APP))
    assert going(world.start("revert")) == {"web-1": ("1.1", "1.0")}


def test_an_older_line_that_never_named_anybody_is_brought_as_it_was() -> None:
    """What another version says is not what this one ran as."""
    world = World(hosts=2)
    world.run("deploy", world.version("1.0", spec=AS_NOBODY_SAYS), "web-1")
    world.run("deploy", world.version("2.0", spec=AS_APP), "web-2")
    assert world.start("apply", None, "web-1").pk


def test_scripts_without_a_user_would_run_as_whoever_logs_in() -> None:
    scripts = "supervisor: script\nscripts: {start: ./start.sh, stop: ./stop.sh}\n"
    world = World(hosts=1)
    world.run("deploy", world.version("1.0", spec=f"{scripts}user: app\n"))
    with pytest.raises(Invalid, match="run as whoever logs in"):
        world.version("1.1", spec=scripts)


AS_OTHER = "run: ./bin/billing\nuser: postgres\n"


def test_no_package_makes_itself_another_user_than_it_was() -> None:
    world = World(hosts=1)
    before = world.version("0.9", spec=AS_OTHER)  # nothing was released yet
    world.run("deploy", world.version("1.0", spec=AS_APP))
    said = "it ran as app, and its package now names postgres"
    with pytest.raises(Invalid, match=said) as refused:
        world.version("1.1", spec=AS_OTHER)
    assert "an admin sets it in the service's own spec" in refused.value.hint
    with pytest.raises(Invalid, match=said):
        world.start("upgrade", before)
    world.service.spec = {"user": "postgres"}  # an admin takes it upon themselves
    world.service.save()
    assert world.start("upgrade", world.version("1.1", spec=AS_OTHER)).pk


def test_from_root_to_somebody_is_no_more_than_before() -> None:
    world = World(hosts=1)
    world.run("deploy", world.version("1.0", spec=AS_NOBODY_SAYS))
    assert world.start("upgrade", world.version("1.1", spec=AS_APP)).pk


def test_the_plan_names_another_user_as_what_stands_in_the_way() -> None:
    world = World(hosts=1)
    before = world.version("0.9", spec=AS_OTHER)
    world.run("deploy", world.version("1.0", spec=AS_APP))
    (obstacle,) = make_plan(world.wish("upgrade", before)).obstacles
    assert obstacle.blocking
    assert "its package now names postgres" in obstacle.sentence.english

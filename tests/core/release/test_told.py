"""What a script is told of what is done; and that nothing prepares a version on the way back."""

from dataclasses import replace

import pytest

from slipway.core.release.layout import InstanceContext
from slipway.core.release.steps import Fence, RunHook, Switch
from slipway.core.release.timed_steps import Change
from slipway.core.rollout.chains import Names, chain_for
from slipway.core.rollout.value.rollout import Target
from slipway.core.rollout.value.words import Heading
from slipway.core.spec.as_json import spec_as_dict
from slipway.core.spec.parsing import parse_spec
from slipway.core.spec.values import Hook, ReleaseSpec, Scripts
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.refusal import Invalid
from tests.core.release.steps import steps_of
from tests.core.rollout.test_plan_json import PLAN

CTX = InstanceContext("billing", "web-1", "prod", 8080)
ALL = "${ROLLOUT_KIND} ${FROM_VERSION} ${TO_VERSION} ${BATCH} ${INSTANCE_NUMBER}"
UPGRADE = Change(RolloutKind.UPGRADE, 7, "1.0", "1.1", batch=2, number=3)
SPEC = ReleaseSpec(
    run=("./app",),
    environment=(("DONE", ALL),),
    scripts=Scripts(before_activate=Hook(("./migrate.sh", ALL))),
)


def test_its_places_are_filled_in_scripts_and_environment() -> None:
    steps = [step.step for step in steps_of(CTX, SPEC, UPGRADE)]
    (hook,) = (step for step in steps if isinstance(step, RunHook))
    (switch,) = (step for step in steps if isinstance(step, Switch))
    assert hook.command.argv == ("./migrate.sh", "upgrade 1.0 1.1 2 3")
    environment = dict(switch.environment)
    assert environment["DONE"] == "upgrade 1.0 1.1 2 3"
    # What runs on is not told what was done when it was started, unless it asks.
    assert "ROLLOUT_KIND" not in environment


@pytest.mark.parametrize(
    "text", ["run: [./app, '${BATCH}']", "health: {http: 'http://a/${BATCH}'}"]
)
def test_what_outlives_a_rollout_names_none(text: str) -> None:
    with pytest.raises(Invalid, match="BATCH"):
        parse_spec(text)


@pytest.mark.parametrize(
    ("kind", "asked_for", "runs"),
    [
        (RolloutKind.UPGRADE, False, True),
        (RolloutKind.REVERT, False, False),
        (RolloutKind.REVERT, True, True),
    ],
)
def test_before_activate_runs_on_the_way_back_where_it_is_asked_for(
    kind: RolloutKind, asked_for: bool, runs: bool
) -> None:
    hook = Hook(("./migrate.sh",), way_back=asked_for)
    spec = replace(SPEC, scripts=Scripts(before_activate=hook))
    names = [step.name for step in steps_of(CTX, spec, replace(UPGRADE, kind=kind))]
    assert ("before_activate" in names) is runs


def test_what_was_sent_before_is_heard_to_its_end_also_on_the_way_back() -> None:
    """A driver that takes over has its ticket to hear of, whatever it would send itself."""
    back = replace(UPGRADE, kind=RolloutKind.REVERT, begun=frozenset({"before_activate"}))
    assert "before_activate" in [step.name for step in steps_of(CTX, SPEC, back)]


def test_that_it_is_asked_for_is_read_and_written() -> None:
    text = "run: ./app\nscripts: {before_activate: {run: ./migrate.sh, way_back: true}}"
    spec = parse_spec(text)
    assert spec.scripts.before_activate == Hook(("./migrate.sh",), way_back=True)
    assert parse_spec(spec_as_dict(spec)) == spec
    # Where it is not, a release keeps its fingerprint.
    assert "way_back" not in str(spec_as_dict(SPEC))


@pytest.mark.parametrize("name", ["after_activate", "drain"])
def test_no_other_hook_can_ask_for_it(name: str) -> None:
    with pytest.raises(Invalid, match="way_back"):
        parse_spec(f"run: ./app\nscripts: {{{name}: {{run: ./a.sh, way_back: true}}}}")


def test_it_is_yes_or_no() -> None:
    with pytest.raises(Invalid, match="way_back should be true or false"):
        parse_spec("run: ./a\nscripts: {before_activate: {run: ./a.sh, way_back: perhaps}}")


def test_a_chain_tells_its_scripts() -> None:
    for number, place in enumerate(PLAN.targets, start=1):
        target = Target(place.planned)
        chain = chain_for(PLAN, place, target, (), Names(7, 1, "s"), Fence(1, 1))
        told = dict(chain.told)
        assert (told["BATCH"], told["INSTANCE_NUMBER"]) == (str(place.planned.batch), str(number))
        assert told["TO_VERSION"] == place.planned.goal.version
        back = replace(target, heading=Heading.BACK)
        if back.goal:
            chain = chain_for(PLAN, place, back, (), Names(7, 1, "s"), Fence(1, 1))
            assert dict(chain.told)["ROLLOUT_KIND"] == "revert"


def test_a_variable_of_a_releases_own_is_left_to_its_host() -> None:
    """The script of the release that goes has to hear it all the same."""
    own = {
        key: replace(release, spec=replace(release.spec, environment=(("BATCH", "own"),)))
        for key, release in PLAN.releases.items()
    }
    plan = replace(PLAN, releases=own)
    for place in plan.targets:
        chain = chain_for(plan, place, Target(place.planned), (), Names(7, 1, "s"), Fence(1, 1))
        assert dict(chain.told)["BATCH"] == str(place.planned.batch)

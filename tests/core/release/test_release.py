"""What a rollout does on one host: the steps, their order, what fills their places."""

from dataclasses import replace
from datetime import timedelta

import pytest

from slipway.core.release.layout import InstanceContext
from slipway.core.release.operations import DISTURBING, limit_of
from slipway.core.release.steps import (
    PackageFormat,
    PackageRef,
    Probe,
    Prune,
    Receipt,
    Restart,
    RunHook,
    Switch,
    Undrain,
    Unpack,
)
from slipway.core.release.supervisors.systemd import SystemdUnit
from slipway.core.release.timed_steps import Change, TimedStep
from slipway.core.rollout.steps_of_way import steps_of_way
from slipway.core.rollout.value.words import Way
from slipway.core.spec.values import HealthCheck, Hook, ReleaseSpec, Scripts, Supervisor
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.refusal import Invalid
from tests.core.release.steps import STEP_NAMES, steps_of

CTX = InstanceContext("billing", "web-1", "prod", 8080, weight=50)
HOOKS = Scripts(
    before_activate=Hook(("./migrate.sh", "${VERSION}")),
    after_activate=Hook(("./warm-up.sh",)),
    drain=Hook(("./drain.sh",), timedelta(minutes=3)),
    undrain=Hook(("./undrain.sh",)),
)
SPEC = ReleaseSpec(
    run=("./bin/billing", "--port", "${PORT}"),
    user="app",
    environment=(("URL", "http://${HOST}:${PORT}"),),
    shared=("logs",),
    scripts=HOOKS,
    health=HealthCheck(http="http://127.0.0.1:${PORT}/healthz", expect="${VERSION}"),
)
SCRIPTED = replace(
    SPEC,
    run=(),
    supervisor=Supervisor.SCRIPT,
    scripts=Scripts(
        start=Hook(("./start.sh", "${VERSION}"), timedelta(minutes=2)),
        stop=Hook(("./stop.sh",), timedelta(minutes=1)),
        status=Hook(("./status.sh", "${PORT}")),
    ),
)
BARE = replace(SPEC, scripts=Scripts())
PACKAGE = PackageRef("ab" * 32, 10 * 2**20, PackageFormat.TAR_GZ, "billing.tar.gz", 50 * 2**20)
UPGRADE = Change(RolloutKind.UPGRADE, 7, "1.0", "1.1", keep=("0.9",))


def of_kind(kind: RolloutKind, from_version: str = "1.0", to_version: str = "1.1") -> Change:
    return Change(kind, 7, from_version, to_version)


def order(spec: ReleaseSpec, change: Change, package: PackageRef | None = None) -> str:
    return " ".join(step.name for step in steps_of(CTX, spec, change, package))


def named(name: str, spec: ReleaseSpec, change: Change) -> TimedStep:
    return next(step for step in steps_of(CTX, spec, change, PACKAGE) if step.name == name)


@pytest.mark.parametrize(
    ("kind", "steps"),
    [
        (
            RolloutKind.UPGRADE,
            "before_activate drain receipt switch restart probe after_activate undrain prune",
        ),
        (
            RolloutKind.REVERT,
            "drain receipt switch restart probe after_activate undrain prune",
        ),
        (RolloutKind.RESTART, "drain receipt switch restart probe undrain"),
        (RolloutKind.STOP, "drain receipt stop"),
        (RolloutKind.START, "receipt switch start probe undrain"),
        (RolloutKind.DELETE, "drain stop receipt undrain remove"),
    ],
)
def test_each_kind_has_its_steps_in_order(kind: RolloutKind, steps: str) -> None:
    assert order(SPEC, of_kind(kind)) == steps


ANEW = "unpack before_activate"
WHOLE = f"{ANEW} drain receipt switch restart probe after_activate undrain prune"


@pytest.mark.parametrize(
    ("way", "kind", "steps"),
    [
        (Way.BRING, RolloutKind.APPLY, WHOLE),
        (Way.BRING, RolloutKind.RESTART, f"{ANEW} drain receipt switch restart probe undrain"),
        (Way.BRING, RolloutKind.START, "unpack before_activate receipt switch start probe undrain"),
        # Its way back.
        (Way.BRING, RolloutKind.STOP, f"{ANEW} receipt switch start probe undrain"),
        (Way.BRING, RolloutKind.DELETE, WHOLE),
        (Way.FINISH, RolloutKind.UPGRADE, "receipt probe after_activate undrain"),
        (Way.REST, RolloutKind.UPGRADE, "unpack before_activate receipt switch stop prune"),
        (Way.STOP, RolloutKind.STOP, "drain receipt stop"),
        (Way.REMOVE, RolloutKind.REVERT, "drain stop receipt undrain remove"),
    ],
)
def test_each_way_has_its_steps_in_order(way: Way, kind: RolloutKind, steps: str) -> None:
    made = steps_of_way(way, CTX, SPEC, of_kind(kind), PACKAGE)
    assert " ".join(step.name for step in made) == steps


@pytest.mark.parametrize("kind", [RolloutKind.RESTART, RolloutKind.START, RolloutKind.STOP])
def test_a_release_is_unpacked_anew_only_where_its_package_is_brought(kind: RolloutKind) -> None:
    made = steps_of_way(Way.BRING, CTX, SPEC, of_kind(kind), None)
    assert "unpack" not in [step.name for step in made]


def test_what_is_stopped_on_purpose_is_never_started_on_the_way() -> None:
    names = [step.name for step in steps_of_way(Way.REST, CTX, SCRIPTED, UPGRADE, PACKAGE)]
    assert {"start", "restart", "probe", "undrain"}.isdisjoint(names)
    # The stop comes last: it leaves nothing that the next boot would start.
    assert names.index("switch") < names.index("stop")


@pytest.mark.parametrize("kind", [RolloutKind.RESTART, RolloutKind.START])
def test_starting_brings_settings_weight_and_tag_of_now(kind: RolloutKind) -> None:
    switch = named("switch", SPEC, of_kind(kind, to_version="1.0")).step
    assert isinstance(switch, Switch)
    assert switch.version == "1.0"
    assert dict(switch.environment)["WEIGHT"] == "50"
    assert isinstance(switch.supervised_by, SystemdUnit)
    assert switch.supervised_by.text


def test_a_target_is_given_at_least_what_its_steps_may_take() -> None:
    steps = steps_of(CTX, SPEC, UPGRADE, PACKAGE)
    least = sum((step.timeout for step in steps), timedelta(0))
    assert limit_of(steps, SPEC) == least + SPEC.health.min_healthy_time
    assert limit_of(steps, SPEC) > SPEC.health.healthy_deadline + SPEC.health.min_healthy_time


def test_hooks_that_are_not_there_are_left_out() -> None:
    assert order(BARE, UPGRADE) == "receipt switch restart probe undrain prune"
    assert order(BARE, of_kind(RolloutKind.DELETE)) == "stop receipt undrain remove"


def test_a_package_is_unpacked_only_where_the_release_is_missing() -> None:
    assert order(BARE, UPGRADE, PACKAGE) == "unpack receipt switch restart probe undrain prune"


def test_an_instance_that_is_not_there_yet_is_not_drained() -> None:
    first = Change(RolloutKind.DEPLOY, 7, "", "1.0")
    assert order(SPEC, first) == (
        "before_activate receipt switch restart probe after_activate undrain prune"
    )


@pytest.mark.parametrize("kind", RolloutKind)
@pytest.mark.parametrize("spec", [SPEC, BARE, SCRIPTED])
def test_every_step_has_a_known_name_used_once_and_a_timeout(
    spec: ReleaseSpec, kind: RolloutKind
) -> None:
    steps = steps_of(CTX, spec, of_kind(kind), PACKAGE)
    names = [step.name for step in steps]
    assert set(names) <= set(STEP_NAMES)
    assert len(names) == len(set(names))
    assert all(timedelta(0) < step.timeout < timedelta(hours=1) for step in steps)


@pytest.mark.parametrize("kind", RolloutKind)
def test_nothing_is_disturbed_before_traffic_is_drained(kind: RolloutKind) -> None:
    names = [step.name for step in steps_of(CTX, SPEC, of_kind(kind), PACKAGE)]
    disturbing = [name for name in names if name in DISTURBING]
    assert disturbing[0] == ("switch" if kind is RolloutKind.START else "drain")


@pytest.mark.parametrize("kind", [RolloutKind.UPGRADE, RolloutKind.REVERT, RolloutKind.DEPLOY])
def test_the_receipt_comes_before_what_it_is_for(kind: RolloutKind) -> None:
    names = [step.name for step in steps_of(CTX, SPEC, of_kind(kind), PACKAGE)]
    assert names.index("receipt") < names.index("switch") < names.index("probe")


def test_the_steps_of_an_upgrade_hold_all_a_host_needs() -> None:
    unit = SystemdUnit("slipway-billing-8080.service")
    steps = {step.name: step.step for step in steps_of(CTX, SPEC, UPGRADE, PACKAGE)}
    assert steps["unpack"] == Unpack("1.1", PACKAGE, 4 * 2**30)
    assert steps["receipt"] == Receipt(7, "upgrade", "1.0", "1.1")
    assert steps["restart"] == Restart(unit, timedelta(seconds=30), owes=True)
    assert steps["probe"] == Probe(
        HealthCheck(http="http://127.0.0.1:8080/healthz", expect="1.1"), "1.1", unit
    )
    hook = Hook(("./migrate.sh", "1.1"))
    assert steps["before_activate"] == RunHook("before_activate", hook, "1.1", "app")
    assert steps["prune"] == Prune(keep=("1.1", "1.0", "0.9"))


def test_switching_brings_environment_shared_folders_and_the_unit() -> None:
    switch = named("switch", replace(SPEC, stop_timeout=timedelta(minutes=1)), UPGRADE).step
    assert isinstance(switch, Switch)
    assert switch.stop_timeout == timedelta(minutes=1)
    assert isinstance(switch.supervised_by, SystemdUnit)
    assert switch.supervised_by.text.startswith("[Unit]\n")
    assert (switch.shared, switch.shared_owner, switch.version) == (("logs",), "app", "1.1")
    assert dict(switch.environment) == {
        "ADDRESS": "web-1",
        "ENVIRONMENT": "prod",
        "INSTANCE": "8080",
        "PORT": "8080",
        "RELEASE": "/opt/slipway/billing/releases/1.1",
        "SERVICE": "billing",
        "SHARED": "/opt/slipway/billing/8080/shared",
        "URL": "http://web-1:8080",
        "VERSION": "1.1",
        "WEIGHT": "50",
    }


def test_two_versions_have_the_same_unit() -> None:
    one = named("switch", SPEC, UPGRADE).step
    other = named("switch", SPEC, replace(UPGRADE, to_version="2.0")).step
    assert isinstance(one, Switch)
    assert isinstance(other, Switch)
    assert one.supervised_by == other.supervised_by
    assert one.environment != other.environment


def test_a_variable_of_the_spec_wins_over_one_that_is_only_offered() -> None:
    spec = replace(BARE, environment=(("ENVIRONMENT", "live"), ("HOST", "0.0.0.0")))
    switch = named("switch", spec, UPGRADE).step
    assert isinstance(switch, Switch)
    assert dict(switch.environment)["ENVIRONMENT"] == "live"
    assert dict(switch.environment)["HOST"] == "0.0.0.0"


def test_a_service_without_a_port_is_called_main() -> None:
    ctx = replace(CTX, port=0)
    spec = ReleaseSpec(run=("./x",))
    steps = {step.name: step.step for step in steps_of(ctx, spec, UPGRADE)}
    assert isinstance(switch := steps["switch"], Switch)
    assert "PORT" not in dict(switch.environment)
    assert dict(switch.environment)["INSTANCE"] == "main"
    with pytest.raises(Invalid, match="the instance has no port"):
        steps_of(ctx, SPEC, UPGRADE)


def test_a_drain_brings_what_takes_it_back() -> None:
    steps = {step.name: step.step for step in steps_of(CTX, SPEC, UPGRADE)}
    assert isinstance(steps["drain"], RunHook)
    assert steps["drain"].undo == Hook(("./undrain.sh",))
    assert steps["undrain"] == Undrain()


def test_a_plain_restart_leaves_what_is_owed_as_it_is() -> None:
    steps = {step.name: step.step for step in steps_of(CTX, SPEC, of_kind(RolloutKind.RESTART))}
    assert isinstance(steps["restart"], Restart)
    assert steps["restart"].owes is None

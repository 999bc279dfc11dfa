"""What starts and stops a release, a unit of ours or scripts of its own, and in what time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from slipway.core.release.steps import Remove, Restart, Start, Stop, Switch
from slipway.core.release.supervisors.script import ScriptSupervisor
from slipway.core.release.supervisors.systemd import SystemdUnit
from slipway.core.spec.values import Hook, ReleaseSpec
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.refusal import Invalid
from tests.core.release.steps import steps_of
from tests.core.release.test_release import (
    CTX,
    SCRIPTED,
    SPEC,
    UPGRADE,
    named,
    of_kind,
    order,
)


def test_existing_scripts_supervise_where_the_spec_says_so() -> None:
    supervisor = ScriptSupervisor(
        start=Hook(("./start.sh", "1.1"), timedelta(minutes=2)),
        stop=Hook(("./stop.sh",), timedelta(minutes=1)),
        status=Hook(("./status.sh", "8080")),
        user="app",
        boot=SystemdUnit("slipway-billing-8080.service"),
    )
    steps = {step.name: step.step for step in steps_of(CTX, SCRIPTED, UPGRADE)}
    assert steps["restart"] == Restart(supervisor, timedelta(seconds=30), owes=False)
    assert isinstance(steps["switch"], Switch)
    written = steps["switch"].supervised_by
    assert isinstance(written, ScriptSupervisor)
    assert written.boot is not None
    assert "start.sh" in written.boot.text
    assert replace(written, boot=supervisor.boot) == supervisor


def test_what_runs_is_stopped_by_what_started_it() -> None:
    stop = named("stop", SCRIPTED, of_kind(RolloutKind.STOP, to_version="")).step
    assert isinstance(stop, Stop)
    assert isinstance(stop.supervised_by, ScriptSupervisor)
    assert stop.supervised_by.start.argv == ("./start.sh", "1.0")
    start = named("start", SCRIPTED, of_kind(RolloutKind.START, to_version="")).step
    assert isinstance(start, Start)
    remove = named("remove", SPEC, of_kind(RolloutKind.DELETE, to_version="")).step
    assert remove == Remove(SystemdUnit("slipway-billing-8080.service"))


def test_every_step_has_time_for_what_it_may_take() -> None:
    assert named("unpack", SPEC, UPGRADE).timeout == timedelta(minutes=2, seconds=10)
    assert named("drain", SPEC, UPGRADE).timeout == timedelta(minutes=3, seconds=30)
    assert named("probe", SPEC, UPGRADE).timeout == timedelta(minutes=5, seconds=32)
    assert named("restart", SPEC, UPGRADE).timeout > SPEC.stop_timeout + timedelta(minutes=1)
    scripted = named("restart", SCRIPTED, UPGRADE).timeout
    assert scripted >= SPEC.stop_timeout + timedelta(minutes=3)  # its own stop and start


@pytest.mark.parametrize("missing", ["start", "stop"])
def test_scripts_that_are_missing_are_named_before_a_host_is_touched(missing: str) -> None:
    spec = replace(SCRIPTED, scripts=replace(SCRIPTED.scripts, **{missing: None}))
    with pytest.raises(Invalid, match=f"has no {missing} script"):
        steps_of(CTX, spec, UPGRADE)


def test_a_unit_without_a_program_is_refused_before_a_host_is_touched() -> None:
    with pytest.raises(Invalid, match="does not say what to run"):
        steps_of(CTX, replace(SPEC, run=()), UPGRADE)


def test_a_stop_needs_no_program() -> None:
    assert order(ReleaseSpec(), of_kind(RolloutKind.STOP)) == "receipt stop"

"""When a driver looks again, and how long it waits until then."""

from types import MappingProxyType

from slipway.controller.rollouts.pace import Pace
from slipway.controller.rollouts.timetable import Timetable
from slipway.core.rollout.commands import Ask, Send, to_do
from slipway.core.rollout.value.looks import Look
from slipway.core.rollout.value.planned import Planned, Policy
from slipway.core.rollout.value.rollout import Rollout, Target
from slipway.core.rollout.value.words import Stage, Way

PACE = Pace(beat=1.0, longest_nap=60.0)


def asking() -> Rollout:
    """A rollout that waits for what a host says."""
    target = Target(Planned("web-1:8080"), stage=Stage.ASKED)
    return Rollout(1, Policy(), MappingProxyType({"web-1:8080": target}))


def test_a_driver_waits_while_a_host_has_not_answered_yet() -> None:
    times, value = Timetable(PACE), asking()
    assert times.due(value, to_do(value), 0.0, lambda place: False)
    # Long after the next question would be due, the first one is still open.
    assert times.pause(value, 20.0, lambda place: True) == PACE.longest_nap


def test_a_driver_asks_at_once_where_an_answer_decides_nothing_yet() -> None:
    times, value = Timetable(PACE), asking()
    times.due(value, to_do(value), 0.0, lambda place: False)
    assert times.pause(value, 20.0, lambda place: False) == 0.0
    assert times.pause(value, 0.25, lambda place: False) == 0.75


def test_a_driver_that_has_waited_for_long_writes_less_often() -> None:
    pace = Pace(beat=0.1, slowest_beat=1.0, patient=0.1)
    assert [pace.between(waited) for waited in (0.0, 0.5, 5.0, 600.0)] == [0.1, 0.1, 0.5, 1.0]


def test_a_slow_pace_is_never_made_faster() -> None:
    assert Pace(beat=2.0, slowest_beat=1.0).between(60.0) == 2.0


def well(*, bake: float, looked_at: float = 0.0) -> Rollout:
    """A rollout of one place that was seen well by a chain that was sent a moment before."""
    look = Look(process="1", boot="a")
    target = Target(
        Planned("web-1:8080"), stage=Stage.WELL, since=1.0, look=look, looked_at=looked_at
    )
    return Rollout(1, Policy(bake=bake), MappingProxyType({"web-1:8080": target}))


def test_where_nothing_bakes_what_a_chain_saw_is_not_asked_again_at_once() -> None:
    times, before, after = Timetable(PACE), asking(), well(bake=0.0)
    assert times.due(before, to_do(before), 0.0, lambda place: False)
    assert times.due(after, to_do(after), 1.0, lambda place: False) == []
    assert times.pause(after, 1.0, lambda place: False) == PACE.watch - 1.0


def test_a_bake_is_ended_by_a_look_that_is_asked_at_its_end() -> None:
    times, before, after = Timetable(PACE), asking(), well(bake=2.0)
    assert times.due(before, to_do(before), 0.0, lambda place: False)
    assert times.pause(after, 1.0, lambda place: False) == 2.0


def test_the_end_of_a_long_chain_is_a_look() -> None:
    in_hand = Target(Planned("web-1:8080"), stage=Stage.IN_HAND, since=0.0)
    running = Rollout(1, Policy(), MappingProxyType({"web-1:8080": in_hand}))
    times, after = Timetable(PACE), well(bake=0.0)
    assert times.due(running, [Ask("web-1:8080")], 0.0, lambda place: False)
    send = Send("web-1:8080", "r1-t1-a1", Way.BRING)
    assert times.due(running, [send], 30.0, lambda place: True) == []
    assert times.pause(after, 31.0, lambda place: False) == PACE.watch - 1.0

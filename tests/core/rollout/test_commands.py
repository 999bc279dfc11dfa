"""What a rollout asks of the hands, at any time."""

from slipway.core.rollout.commands import Ask, Clear, Send, clears, to_do
from slipway.core.rollout.happen import happened
from slipway.core.rollout.value.events import TookUp
from slipway.core.rollout.value.words import End
from tests.core.rollout.pictures import rollout, with_look


def test_what_is_in_hand_is_sent_or_joined_and_all_else_is_looked_at() -> None:
    commands = to_do(rollout(">a.+c"))
    assert [type(command) for command in commands] == [Send, Ask, Ask, Ask, Ask]
    assert [c.soon for c in commands if isinstance(c, Ask)] == [False] * 4


def test_after_a_gap_a_host_is_asked_before_anything_is_sent() -> None:
    after = happened(rollout(">"), [TookUp()])
    assert to_do(after) == [Ask("p1")]


def test_controls_are_awaited_while_a_failure_is_judged() -> None:
    value = rollout("sccccc")
    for number in range(2, 7):
        value = with_look(value, f"p{number}", None)
    old = [c for c in to_do(value) if isinstance(c, Ask) and c.soon]
    assert len(old) == 5


def test_whose_turn_it_is_is_asked_at_once() -> None:
    waits = with_look(rollout("a"), "p1", None)
    assert to_do(waits) == [Ask("p1", soon=True)]


def test_rows_are_asked_about_who_has_answered_at_its_turn() -> None:
    assert clears(rollout("a?>.", beat=8)) == [Clear("p1")]
    assert clears(rollout("a")) == []


def test_what_is_over_asks_for_nothing() -> None:
    over = rollout("+", end=End.SUCCEEDED)
    assert to_do(over) == []
    assert clears(over) == []

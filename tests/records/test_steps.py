"""Steps are written down once, each with its own end, and shown where their target is."""

from datetime import timedelta

import pytest

from slipway.core.words.sentence import Sentence
from slipway.records.rollouts.models import LogLine, Step, Target
from slipway.records.rollouts.run.writing.minutes import Line, Minutes, StepEnd
from slipway.records.rows.writing.many import update_each
from tests.hand import Hand
from tests.records.world import World

pytestmark = pytest.mark.django_db(transaction=True)
STEPS = ("unpack", "switch", "restart")


@pytest.fixture
def hand() -> Hand:
    world = World()
    begun = Hand(world.start("deploy", world.version("1.0"), "web-1", "web-2"))
    begun.start(*begun.places(), steps=STEPS)
    return begun


def end(hand: Hand, place: str, name: str, code: int, said: str, following: str = "") -> StepEnd:
    target, names = hand.value.target(place), hand.loaded.names(place)
    then = (following, names.ticket(target, following)) if following else None
    now = hand.now()
    until = now + timedelta(seconds=1)
    ticket = names.ticket(target, name)
    return StepEnd(place, ticket, name, code, now, until, said, following=then)


def written(target: Target) -> dict[str, tuple[int | None, str]]:
    return {s.name: (s.exit_code, s.output) for s in Step.objects.filter(target=target)}


def test_each_step_has_its_own_end(hand: Hand) -> None:
    first, second = hand.places()
    ends = [
        end(hand, first, "unpack", 0, "good", "switch"),
        end(hand, first, "switch", 3, "bad\0 é"),
        end(hand, second, "unpack", 0, "", "switch"),
    ]
    hand.write({}, Minutes(ends=ends))
    one, two = Target.objects.order_by("id")
    assert written(one) == {
        "unpack": (0, "good"),
        "switch": (3, "bad\N{REPLACEMENT CHARACTER} é"),
        "restart": (None, ""),
    }
    assert written(two) == {"unpack": (0, ""), "switch": (None, ""), "restart": (None, "")}
    assert [one.step, two.step] == ["switch", "switch"]
    under_way = Step.objects.get(target=two, name="switch")
    assert under_way.started_at is not None
    assert under_way.finished_at is None


def test_what_is_said_of_an_output_is_no_text_of_its_host(hand: Hand) -> None:
    place, more = hand.places()[0], Sentence.of("more", "It printed more.")
    lines = [Line(place, "drain", text, hand.now()) for text in ("bad\0", more)]
    hand.write({}, Minutes(printed=lines))
    kept = LogLine.objects.filter(step="drain").order_by("id")
    assert [(line.text, line.sentence) for line in kept] == [
        ("bad\N{REPLACEMENT CHARACTER}", None),
        ("", more),
    ]


def test_what_was_heard_a_second_time_changes_nothing(hand: Hand) -> None:
    place = hand.places()[0]
    hand.write({}, Minutes(ends=[end(hand, place, "unpack", 0, "good")]))
    before = Step.objects.get(target__host__name="web-1", name="unpack")
    hand.write({}, Minutes(ends=[end(hand, place, "unpack", 1, "again")]))
    after = Step.objects.get(target__host__name="web-1", name="unpack")
    assert (after.exit_code, after.output, after.rev) == (0, "good", before.rev)


def test_rows_are_changed_each_in_its_own_way(hand: Hand) -> None:
    first, second = Target.objects.order_by("id")
    update_each(Target, [])
    now = hand.now()
    update_each(
        Target,
        [
            ({"id": first.pk, "finished_at": None}, {"step": "one", "finished_at": now}),
            ({"id": second.pk, "finished_at": None}, {"step": "two", "finished_at": None}),
        ],
    )
    rows = Target.objects.order_by("id").values_list("step", "finished_at")
    assert [step for step, _ in rows] == ["one", "two"]
    assert [at is None for _, at in rows] == [False, True]

"""Whatever a host says, it is heard within bounds, or as garbage: never as another error."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.adapters.ssh.answers.answers import (
    ChainOver,
    Event,
    Story,
    TicketEnded,
    after_hello,
    facts,
)
from slipway.adapters.ssh.answers.bounds import LARGEST, LONGEST_NAME, LONGEST_WHY, Garbled
from slipway.adapters.ssh.answers.looks import MOST_INSTANCES, MOST_RELEASES, observation, surveyed
from slipway.core.hosts.seen import Asked, Observation, SeenInstance

TICKETS = ("t-1", "t-2", "t-3")
ASKED = (Asked("8080", tickets=TICKETS), Asked("8081"))
LINE = b"instance 8080 4 17 here 77 1234 active 1 1.0 1.0 f1 f1 1 1.1\n"
LOOK = (
    b"slipway\nboot 3f-1\nrelease 1.0 " + b"a" * 64 + b"\n" + LINE + b"healthy 8080 0 the check "
    b"ended with 1: no\nheld 8080 python3 (pid 39108)\nreport 8080 t-1 done 0\n"
    b"report 8080 t-2 running 0\nspace 1000 1000 1\nend\nserved 0\n"
)
SERVICES = ("billing", "shop", "pay")
SURVEY = (
    b"slipway\nboot 3f-1\nservice billing\n"
    + LINE
    + b"service shop\n"
    + LINE
    + b"drift 8080 unit\n"
    b"service pay\nspace 1000 1000 1\nend\nserved 0\n"
)
STORY = (
    b"slipway\nbegin t-1 4711\nresult t-1 0 1000 2500 0 4 4\na\nb\n\nbegin t-2 4711\n"
    b"result t-2 0 2500 2600 0 0 0\n\nbegin t-3 4711\nresult t-3 0 2600 2700 0 0 0\n\nboot 3f-1\n"
    + LINE
    + b"healthy 8080 1 \nend\nserved 0\n"
)
FACTS = (
    b"slipway\nos Debian\narch x86_64\ncpus 2\nmemory 4096\nspace 10 10 20\nwritable 1\n"
    b"systemd 0\nroot 1\nsudo 12\ntool tar\ntool gzip\nend\n"
)
WORDS = st.one_of(
    st.binary(max_size=200),
    st.sampled_from([b"-1", b"9" * 30, "٣".encode(), b"\0", b"x" * 500, b"-", b"?", b"", b"1 1"]),
    st.integers().map(lambda number: str(number).encode()),
)


@st.composite
def mutated(draw: st.DrawFn, answer: bytes) -> bytes:
    """An answer of which some words, or lines, are others, doubled, moved or missing."""
    pieces = re.split(rb"([ \n])", answer)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(pieces) - 1))
        match draw(st.sampled_from(["replace", "double", "drop", "swap"])):
            case "replace":
                pieces[at] = draw(WORDS)
            case "double":
                length = draw(st.integers(1, 30))
                pieces[at:at] = pieces[at : at + length]
            case "drop":
                del pieces[at : at + draw(st.integers(1, 20))]
                pieces = pieces or [b""]
            case "swap":
                other = draw(st.integers(0, len(pieces) - 1))
                pieces[at], pieces[other] = pieces[other], pieces[at]
    return b"".join(pieces)


def check_bounds(seen: SeenInstance) -> None:
    for name in (seen.instance, seen.link, seen.running_version, seen.fingerprint):
        assert re.fullmatch(rf"[?]|[0-9A-Za-z._+-]{{0,{LONGEST_NAME}}}", name)
    assert 0 <= seen.epoch < LARGEST
    assert 0 <= seen.sequence < LARGEST
    assert seen.pid is None or 0 <= seen.pid < 2**32
    for text in (seen.why, seen.held_by):
        assert len(text) <= LONGEST_WHY
        assert text.isprintable()
    tickets = [report.ticket for report in seen.reports]
    assert len(set(tickets)) == len(tickets)
    assert set(tickets) <= set(TICKETS)


def heard(answer: bytes) -> list[Event]:
    return list(Story(TICKETS, "8080").feed(answer))


def read(answer: bytes) -> Observation:
    return observation(after_hello(answer), ASKED)


def test_the_answers_are_good_as_they_are() -> None:
    assert len(heard(STORY)) == 8
    check_bounds(read(LOOK).instances[0])
    assert facts(after_hello(FACTS)).tools == ("tar", "gzip")


@given(mutated(LOOK))
def test_a_look_is_within_bounds_or_garbage(answer: bytes) -> None:
    try:
        seen = read(answer)
    except Garbled:
        return
    assert {one.instance for one in seen.instances if one.healthy is not None} <= {"8080", "8081"}
    for one in seen.instances:
        check_bounds(one)


@given(mutated(SURVEY))
def test_of_many_services_each_is_told_in_its_place_or_it_is_garbage(answer: bytes) -> None:
    try:
        found = surveyed(after_hello(answer), SERVICES)
    except Garbled:
        return
    assert tuple(found) == SERVICES
    for one in (one for service in SERVICES for one in found[service]):
        check_bounds(one)


@pytest.mark.parametrize(
    "answer",
    [
        SURVEY.replace(b"service shop\n", b""),
        SURVEY.replace(b"service shop\n", b"service other\n"),
        SURVEY.replace(b"service pay", b"service more\nservice pay"),
        SURVEY.replace(b"service billing\n", b"").replace(b"pay\n", b"pay\nservice billing\n"),
        SURVEY.replace(b"end\n", b""),
        SURVEY.replace(b"space", b"spaces"),
        SURVEY.replace(b"boot 3f-1\n", b""),
    ],
)
def test_a_service_that_nobody_asked_about_is_garbage(answer: bytes) -> None:
    assert len(surveyed(after_hello(SURVEY), SERVICES)["billing"]) == 1
    with pytest.raises(Garbled):
        surveyed(after_hello(answer), SERVICES)


@given(mutated(STORY))
def test_a_story_tells_what_was_asked_in_its_order_or_is_garbage(answer: bytes) -> None:
    events: list[Event] = []
    try:
        for event in Story(TICKETS, "8080").feed(answer):
            events.append(event)
    except Garbled:
        pass  # what was told before that is judged all the same
    results = [event.result for event in events if isinstance(event, TicketEnded)]
    assert tuple(result.ticket for result in results) == TICKETS[: len(results)]
    assert all(result.exit_code == 0 for result in results[:-1])
    for event in events:
        if isinstance(event, ChainOver):
            assert len(results) == len(TICKETS) or results[-1].exit_code or results[-1].interrupted


@given(mutated(FACTS))
def test_facts_are_facts_or_garbage(answer: bytes) -> None:
    try:
        found = facts(after_hello(answer))
    except Garbled:
        return
    assert found.os.isprintable()
    assert 0 <= found.disk_free < LARGEST


@pytest.mark.parametrize(
    "answer",
    [
        b"slipway\nend\n",  # an empty story is none, nor is a part of one
        STORY.replace(b"begin t-3 4711\nresult t-3 0 2600 2700 0 0 0\n\n", b""),
        STORY.replace(b"result t-1", b"result x-1"),
        STORY.replace(b"result t-2", b"result t-1"),
        STORY.replace(b"t-1 0 1000", b"t-1 1 1000"),
        STORY.replace(b"t-1 0 1000", b"t-1 256 1000"),
        STORY.replace(b"t-1 0 1000", b"t-1 0 999999999999999999"),
        STORY.replace(b"begin t-1 4711", b"begin t-1 4711;id"),
        STORY.replace(b"instance 8080", b"instance 8081"),
        STORY.replace(LINE, LINE + LINE),
        STORY + b"end\n",
        b"welcome\n" * 100_000,
    ],
)
def test_a_story_that_cannot_be_is_not_believed(answer: bytes) -> None:
    with pytest.raises(Garbled):
        heard(answer)


@pytest.mark.parametrize(
    "answer",
    [
        LOOK.replace(b"boot 3f-1\n", b""),
        LOOK.replace(b"report 8080 t-2", b"report 8080 t-1"),
        LOOK.replace(b"report 8080 t-2", b"report 8080 x-2"),
        LOOK.replace(b"report 8080 t-2", b"report 8081 t-2"),
        LOOK.replace(b" running 0", b" resting 0"),
        LOOK.replace(b"instance 8080 4", b"instance 8080 9999999999999999999"),
        LOOK.replace(b"instance 8080", b"instance ../x"),
        LOOK.replace(b"healthy 8080 0", b"healthy 8080 0 " + b"x" * 500),
        LOOK.replace(b"release", b"surprise"),
        LOOK.replace(b"end\n", b"end\nrelease 1.1 " + b"a" * 64 + b"\n"),
    ],
)
def test_a_look_that_cannot_be_is_not_believed(answer: bytes) -> None:
    with pytest.raises(Garbled):
        read(answer)


def test_no_host_has_so_many() -> None:
    instances = b"".join(LINE.replace(b"8080", b"%d" % n) for n in range(MOST_INSTANCES + 1))
    releases = b"".join(b"release %d %s\n" % (n, b"a" * 64) for n in range(MOST_RELEASES + 1))
    for many in (instances, releases):
        with pytest.raises(Garbled, match="more than"):
            read(b"slipway\nboot 3f-1\n" + many + b"space 1 1 1\nend\n")


def test_what_a_service_says_is_made_fit_to_be_shown() -> None:
    (seen,) = read(LOOK.replace(b"1: no", b"1: \0\x1b[31m\xff")).instances
    assert seen.why == "the check ended with 1: \ufffd\ufffd[31m\ufffd"

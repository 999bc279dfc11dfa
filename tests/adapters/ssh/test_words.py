"""What is sent to the host program and what is read from it, without any host."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway import host
from slipway.adapters.ssh.answers.answers import (
    Began,
    ChainOver,
    Event,
    HostRefusal,
    Seen,
    Stale,
    Story,
    TicketEnded,
    after_hello,
)
from slipway.adapters.ssh.answers.bounds import Garbled
from slipway.adapters.ssh.answers.looks import observation
from slipway.adapters.ssh.answers.refusals import sentence_of
from slipway.adapters.ssh.requests import program
from slipway.adapters.ssh.requests.requests import chain_request
from slipway.core.hosts.access import HostAccess
from slipway.core.hosts.seen import SeenInstance
from slipway.core.release.steps import Switch
from slipway.core.words.refusal import Invalid
from slipway.ports import HostIncapable
from tests.adapters.ssh import made

ACCESS = HostAccess("web-1", "10.0.0.11", 22, "deploy", "/opt/slipway", "sudo", "", "")

STORY = (
    b"Welcome to web-1!\nslipway\nbegin t-1 4711\n"
    b"result t-1 0 1000 2500 0 4 4\na\nb\xff\nbegin t-2 4711\n"
    b"result t-2 143 2500 2600 1 -1 0\n\n"
    b"boot 3f-1\ninstance 8080 4 17 here 77 1234 - 0 1.0 1.0 f1 - 1 1.1\nend\n"
)


def heard(pieces: list[bytes]) -> list[Event]:
    story = Story(("t-1", "t-2"), "8080")
    return [event for piece in pieces for event in story.feed(piece)]


def test_a_story_is_read_to_its_end() -> None:
    began, ended, _, second, over = heard([STORY])
    assert began == Began("t-1", "4711")
    assert isinstance(ended, TicketEnded)
    assert (ended.output, ended.total) == (b"a\nb\xff", 4)
    assert ended.result.output == "a\nb\N{REPLACEMENT CHARACTER}"
    assert ended.result.started_at is not None
    assert ended.result.finished_at is not None
    assert ended.result.finished_at - ended.result.started_at == timedelta(seconds=1.5)
    assert isinstance(second, TicketEnded)
    assert second.result.interrupted
    seen = SeenInstance(
        "8080",
        link="1.0",
        unit="",
        running_version="1.0",
        pid=77,
        epoch=4,
        birth="1234",
        fingerprint="f1",
        hook_owed=True,
        drained_by="1.1",
        sequence=17,
        installation="here",
    )
    assert over == ChainOver(Seen(seen, "3f-1"))


@given(st.lists(st.integers(0, len(STORY)), max_size=20))
def test_a_story_may_come_in_any_pieces(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STORY)]
    pieces = [STORY[start:end] for start, end in pairwise(edges)]
    assert heard(pieces) == heard([STORY])


def test_refusals_are_heard() -> None:
    assert heard([b"slipway\nstale 4 17\n"]) == [Stale(4, 17)]
    assert heard([b"slipway\nforeign 4 17 other\n"]) == [Stale(4, 17, "other")]
    assert heard([b"slipway\nrefused too-full /opt 5 9\n"]) == [HostRefusal("too-full", "/opt 5 9")]


def test_every_refusal_of_the_host_program_has_its_sentence() -> None:
    program = "".join(path.read_text() for path in Path(host.__file__).parent.rglob("*.sh"))
    found = re.findall(r'(?:\bfail |tell_trouble ")([a-z-]+) "?([^"\n]+)"', program)
    assert len(found) >= 10
    for kind, values in found:
        words = re.sub(r"\$\(\(.*?\)\)|\$\([^)]*\)|\$\{[^}]*\}|\$\w+", "7", values)
        said = sentence_of(kind, words)
        assert (said.code, "{" in said.english) == (kind.replace("-", "_"), False), kind


def test_a_refusal_that_we_do_not_know_is_said_in_its_own_words() -> None:
    assert sentence_of("tired", "of it").english == "tired of it"
    assert sentence_of("no-room", "a b c").english == "no-room a b c"


@pytest.mark.parametrize(
    "answer",
    [
        b"slipway\nwhat is this\n",
        b"slipway\nresult t-1 0 1 2 0 5 999999999\n",
        b"slipway\nresult t-1 zero 1 2 0 5 5\n12345\n",
        b"x" * 10_000,
    ],
)
def test_what_the_program_never_says_is_not_believed(answer: bytes) -> None:
    with pytest.raises(Garbled):
        heard([answer])


@given(st.binary(max_size=300))
def test_any_bytes_at_all_are_survived(noise: bytes) -> None:
    try:
        heard([b"slipway\n", noise])
    except Garbled:
        return


def test_an_observation_without_its_end_is_none() -> None:
    lines = after_hello(b"slipway\nspace 10 10 1\n")
    with pytest.raises(Garbled):
        observation(lines)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_value_is_one_line(value: str) -> None:
    switch = Switch("1.0", (("ODD", value),), (), made.scripts())
    request = chain_request(made.chain(switch)).decode()
    (line,) = [line for line in request.split("\n") if line.startswith("env ODD ")]
    told = line.removeprefix("env ODD ")
    assert told.replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\") == value
    assert request.endswith("\nend\n")


@pytest.mark.parametrize("name", ["", "1A", "A-B", "A B", "_slipway_words", "A\nB", "É"])
def test_what_cannot_name_a_variable_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        chain_request(made.chain(Switch("1.0", ((name, "x"),), (), made.scripts())))


@pytest.mark.parametrize("folder", ["", "/etc", "a/../b", "..", "a\\b", "a\nb", "a//b"])
def test_a_shared_folder_stays_in_the_release(folder: str) -> None:
    with pytest.raises(Invalid):
        chain_request(made.chain(Switch("1.0", (), (folder,), made.scripts())))


@pytest.mark.parametrize("root", ["", "opt", "/", "/opt/$(id)", "/opt/a b", "/opt/../etc", "/a;b"])
def test_a_root_folder_needs_no_quoting_or_is_refused(root: str) -> None:
    with pytest.raises(HostIncapable):
        program.call(replace(ACCESS, root=root), "facts")


@pytest.mark.parametrize("word", ["", "-x", "a b", "$(id)", "a;b", "../x", "a\n"])
def test_only_plain_words_become_part_of_a_command_line(word: str) -> None:
    with pytest.raises(ValueError, match="plain word"):
        program.call(ACCESS, "observe", word)


def test_the_program_is_one_text_named_by_its_content() -> None:
    text, sha256 = program.host_program().text, program.host_program().sha256
    assert text.count(b"main() {") == 1
    assert sha256[:32] in program.call(ACCESS, "facts")

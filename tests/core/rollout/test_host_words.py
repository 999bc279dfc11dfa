"""What the host program says in the output of a step is a sentence; words of others stay theirs."""

import re
from pathlib import Path

import pytest

from slipway import host
from slipway.core.rollout.chain_reports import Chained, problem_of
from slipway.core.rollout.told.host_words import LONGEST_WORDS, sentence_of_line

SOURCES = sorted(Path(host.__file__).parent.rglob("*.sh"))
PROGRAM = "".join(path.read_text().replace("\\\n", "") for path in SOURCES)
# A path is one word, too: it stands wherever a variable does.
_VARIABLE = re.compile(r"(?<!\\)\$(?:\w+|\{[^}]*\}|\(\w[^)]*\))")
_QUOTED = r"""("(?:[^"\\]|\\.)*"|'[^']*')"""
# What is said with words of others alone, and what is put together of what is asked for below.
PIECES = ("$heard", "$_words", "$ended", "$cause.", "$(systemctl", "$whose")
WITH_A_REASON = ("Not healthy: $reason.", "Cannot make $1: $_why.")


def filled(quoted: str) -> str:
    """What is said between quotation marks of the shell, with its variables filled."""
    text = quoted[1:-1]
    return text if quoted[0] == "'" else re.sub(r"\\(.)", r"\1", _VARIABLE.sub("/7", text))


def said_by(marks: str) -> list[str]:
    return re.findall(rf"{marks}{_QUOTED}", PROGRAM)


def test_every_sentence_of_the_host_program_is_read() -> None:
    found = [each for each in said_by("say ") if not each[1:].startswith(PIECES)]
    found = [each for each in found if each[1:-1] not in WITH_A_REASON]
    found += [f'"Cannot make /7: {why[1:-1]}."' for why in said_by("_why=") if " " in why]
    assert len(found) > 40
    assert [each for each in found if not is_read(filled(each))] == []


def test_every_cause_is_read_with_a_full_stop_and_without() -> None:
    causes = [filled(each) for each in said_by("(?:cause|ended)=") if len(each) > 2]
    assert len(causes) > 7
    whole = [each for each in causes if not is_read(each)]
    stopped = [
        each for each in said_by("cause=") if len(each) > 2 and not is_read(f"{filled(each)}.")
    ]
    assert (whole, stopped) == ([], [])


def is_read(line: str) -> bool:
    """Whether it is a sentence, which says in English what the host has said."""
    sentence = sentence_of_line(line)
    return sentence is not None and sentence.english == line


def test_why_scripts_do_not_start_with_their_host_is_a_sentence_of_its_own() -> None:
    own = "Let our user be root, or have sudo without password."
    calls = re.findall(rf"tell_no_boot {_QUOTED}(?: {_QUOTED})?", PROGRAM)
    foreign = [
        f"{filled(whose)}. {filled(remedy)}"
        for whose, remedy in re.findall(rf"whose={_QUOTED}\n +remedy={_QUOTED}", PROGRAM)
    ]
    whys = [f"{filled(why)}. {filled(mend) if mend else own}" for why, mend in calls]
    whys = [each for each in whys if not each.startswith("/7")] + foreign
    assert len(whys) >= 6
    for why in whys:
        line = f"billing 8080 will not start by itself when this host is restarted: {why}"
        sentence = sentence_of_line(line)
        assert sentence is not None
        assert (sentence.english, type(dict(sentence.values)["why"])) == (line, type(sentence)), why


def test_a_foreign_unit_is_named_with_what_to_do() -> None:
    for whose, remedy in re.findall(rf"whose={_QUOTED}\n +remedy={_QUOTED}", PROGRAM):
        assert is_read(f"{filled(whose)}: it is left as it is. {filled(remedy)}")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Listening on 8080.",
        "config is not there.",
        "10:00 Removed release 1.1.",
        "Healthy: process 3 runs 1.0. ",
        "Not healthy: so it is.",
        "Removed release 1.1." + " " * 4000,
    ],
)
def test_what_programs_print_stays_as_it_is(line: str) -> None:
    assert sentence_of_line(line) is None


def test_a_problem_ends_with_what_the_host_said_as_a_sentence() -> None:
    line = "/opt/shop/bin/run needs node, which is not on this host."
    problem = problem_of(Chained("start", "t-1", 127, f"x\n{line}\n", False), {"place": "web-1:80"})
    assert problem.english.endswith(f"It said: {line}")
    said = dict(problem.values)["said"]
    assert dict(dict(said.values)["why"].values) == {
        "program": "/opt/shop/bin/run",
        "other": "node",
    }


def test_a_long_sentence_is_quoted_whole_and_long_words_of_others_by_their_beginning() -> None:
    [ungiven] = [each for each in said_by("say ") if "cannot read what the package" in each]
    line = filled(ungiven)
    assert len(line) > LONGEST_WORDS
    for output, quoted in ((line, line), ("x" * 999, "x" * LONGEST_WORDS)):
        problem = problem_of(Chained("switch", "t-1", 77, output, False), {"place": "web-1:80"})
        assert problem.english.endswith(f" It said: {quoted}")

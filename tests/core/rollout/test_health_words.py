"""What hosts say of checks and exit statuses, as sentences in the reader's language."""

import re
from pathlib import Path

import pytest

from slipway import host
from slipway.core.rollout.chain_reports import Chained, problem_of
from slipway.core.rollout.told.health_words import PREFIX, last_of_probe, reason_of

PLACE = {"place": "web-1:8080", "version": "1.1"}


def problem(status: int, output: str = "") -> str:
    return problem_of(Chained("probe", "t-1", status, output, False), PLACE).english


def test_every_reason_of_the_host_program_has_its_sentence() -> None:
    program = "".join(path.read_text() for path in Path(host.__file__).parent.rglob("*.sh"))
    found = re.findall(r"""(?:reason=|miss_process )(?:"([^"\n]+)"|'([^'\n]+)')""", program)
    reasons = {re.sub(r"\$\w+|\$\{[^}]*\}|\$\(\(.*?\)\)", "7", max(each)) for each in found}
    assert len(reasons) >= 14
    parts = {each for each in reasons if each.startswith("7")}  # what goes on with what was said
    whole = reasons - parts | {"7 answered 7: x"}
    assert {each for each in whole if not _is_known(each)} == set()


def _is_known(reason: str) -> bool:
    """One that goes on in the next line is known by one of its ends."""
    return any(reason_of(f"{reason}{end}") for end in ("", ": x", " and said nothing"))


def test_the_words_of_a_check_stay_its_own() -> None:
    said = "Not healthy: http://x/ answered 503: pool: 20 of 20."
    assert problem(70, f"{said}\n") == f"web-1:8080: 1.1 did not become healthy. {said}"
    sentence = last_of_probe(said)
    assert sentence is not None
    why = dict(sentence.values)["why"]
    assert (why.code, dict(why.values)) == (
        "bad_answer",
        {"address": "http://x/", "status": 503, "said": "pool: 20 of 20"},
    )


@pytest.mark.parametrize("words", ["Not healthy: so it is.", "Healthy.", "", PREFIX])
def test_what_is_not_known_stays_as_it_is(words: str) -> None:
    assert last_of_probe(words) is None
    assert problem(70, words).endswith(f"It said: {words.strip()}" if words else "healthy.")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (3, "probe failed with exit status 3."),
        (126, "probe failed: its command cannot be run (exit status 126)."),
        (127, "probe failed: a command was not found (exit status 127)."),
        (137, "probe was ended by signal 9 (exit status 137)."),
        (139, "probe was ended by signal 11 (exit status 139)."),
        (255, "probe failed with exit status 255."),
    ],
)
def test_an_exit_status_is_said_in_words(status: int, words: str) -> None:
    assert problem(status) == f"web-1:8080: {words}"

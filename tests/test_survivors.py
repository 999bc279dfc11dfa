"""The list of mutants that may live, which bin/mutants holds to what lives."""

from pathlib import Path

import pytest

from tests.survivors import KNOWN, Survivor, read

pytestmark = pytest.mark.once

SLIPWAY = Path(__file__).parents[1] / "slipway"
FEWER_THAN = 40


def test_a_survivor_is_a_place_a_reason_and_lines_that_change() -> None:
    text = "# why\n\n[core/words:said] the words alone\n-one\n+two\n\n[core/a:B.c] as good\n-a\n"
    assert read(text) == {
        Survivor("core/words:said", ("-one", "+two")): "the words alone",
        Survivor("core/a:B.c", ("-a",)): "as good",
    }


def test_few_mutants_of_core_live_and_each_for_a_reason() -> None:
    known = read(KNOWN.read_text())
    assert len(known) < FEWER_THAN
    assert [survivor for survivor, reason in known.items() if not reason] == []


def test_what_lives_is_still_in_the_code() -> None:
    for survivor in read(KNOWN.read_text()):
        source = (SLIPWAY / f"{survivor.module}.py").read_text()
        lines = {line.strip() for line in source.splitlines()}
        assert {line[1:] for line in survivor.change if line.startswith("-")} <= lines, survivor

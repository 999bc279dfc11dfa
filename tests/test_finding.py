"""docs/howto/finding.md says what can be asked of lists: every line of it is read here."""

import re
from pathlib import Path

import pytest

from slipway.core.finding.listings import HOSTS, ROLLOUTS, SERVICES, VERSIONS, Listing
from slipway.core.finding.parsing import LONGEST, MOST, parse_where
from slipway.core.words.refusal import Invalid

pytestmark = pytest.mark.once

PAGE = (Path(__file__).parents[1] / "docs/howto/finding.md").read_text()
LISTS = {"services": SERVICES, "hosts": HOSTS, "rollouts": ROLLOUTS, "versions": VERSIONS}
ROWS = re.findall(r"^\| `([^`]+)` \| .+ \| ([a-z, ]+) \|$", PAGE, re.MULTILINE)


def named(text: str, field: str) -> bool:
    """Whether the page has a word about a field, as an example or in a sentence."""
    return bool(re.search(rf"`-?{field}:|`{field}`", text))


@pytest.mark.parametrize(("text", "lists"), ROWS)
def test_what_the_page_shows_is_understood_there_and_nowhere_else(text: str, lists: str) -> None:
    for name, listing in LISTS.items():
        if name in lists.split(", "):
            assert parse_where(text, listing)
        else:
            assert not is_field_of(text, listing)


def is_field_of(text: str, listing: Listing) -> bool:
    try:
        terms = parse_where(text, listing).terms
    except Invalid:
        return False
    return any(term.field in listing.fields for term in terms)


def test_the_page_shows_every_field_and_every_state() -> None:
    assert len(ROWS) > 30
    for name, listing in LISTS.items():
        rows = [(text, lists) for text, lists in ROWS if name in lists.split(", ")]
        read = [term for text, _lists in rows for term in parse_where(text, listing).terms]
        assert {term.field for term in read} >= listing.fields.keys()
        said = {value for term in read if term.field == "state" for value in term.values}
        also = set(re.findall(r"\(also `([a-z]+)`\)", PAGE))
        assert (listing.fields["state"] or {}).keys() <= said | also


def test_the_page_says_the_bounds() -> None:
    assert f"{LONGEST} characters and {MOST} parts" in " ".join(PAGE.split())


def test_the_commands_of_the_page_are_read() -> None:
    asked = re.findall(r'^slipway (\w+) list --where "(.+)"$', PAGE, re.MULTILINE)
    assert len(asked) == 2
    for kind, text in asked:
        assert parse_where(text, LISTS[f"{kind}s"])

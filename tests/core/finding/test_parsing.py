"""What is asked of a list: what people write is what is meant, and what cannot be is refused."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slipway.core.finding.listings import HOSTS, ROLLOUTS, SERVICES, VERSIONS, Listing
from slipway.core.finding.parsing import LONGEST, MOST, MOST_VALUES, parse_where
from slipway.core.finding.spans import Span
from slipway.core.finding.where import EVERYTHING, LABEL, Term, Where
from slipway.core.words.refusal import Invalid

LISTINGS = st.sampled_from([SERVICES, HOSTS, ROLLOUTS, VERSIONS])
# Marks that mean something in the grammar come more often than chance would bring them.
TEXTS = st.text(
    st.one_of(st.sampled_from('-:：,="\\. \t\u3000abeilnstv0123hd'), st.characters()), max_size=60
)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", ()),
        ("  \t ", ()),
        ("pay", (Term(("pay",)),)),
        ("pay api", (Term(("pay",)), Term(("api",)))),
        ("pay\u3000api", (Term(("pay",)), Term(("api",)))),
        ("-old", (Term(("old",), is_not=True),)),
        ("-", (Term(("-",)),)),
        ('"-old"', (Term(("-old",)),)),
        ('"a b"', (Term(("a b",)),)),
        ('"say \\"hi\\" \\\\"', (Term(('say "hi" \\',)),)),
        ('"team:data"', (Term(("team:data",)),)),
        ('"1.0..2"', (Term(("1.0..2",)),)),
        ("state:failed", (Term(("failed",), "state"),)),
        ("State:FAILED", (Term(("failed",), "state"),)),
        ("state：failed", (Term(("failed",), "state"),)),
        ("-state:halted,partial", (Term(("halted", "partial"), "state", is_not=True),)),
        ("env:prod", (Term(("prod",), "environment"),)),
        ("version:1.0..2", (Term(("1.0..2",), "version"),)),
        ("team:data", (Term(("data",), LABEL, "team"),)),
        ('team:"data, all"', (Term(("data, all",), LABEL, "team"),)),
        ("team:", (Term(("",), LABEL, "team"),)),
        ("label:team=data", (Term(("data",), LABEL, "team"),)),
        ("label:state=old", (Term(("old",), LABEL, "state"),)),
        ("label:a=b=c", (Term(("b=c",), LABEL, "a"),)),
        ("label:team", (Term((), LABEL, "team"),)),
        ("-label:team", (Term((), LABEL, "team", is_not=True),)),
    ],
)
def test_reads_what_people_write(text: str, terms: tuple[Term, ...]) -> None:
    assert parse_where(text, ROLLOUTS) == Where(terms)


def test_words_labels_states_and_a_time_stand_beside_one_another() -> None:
    where = parse_where("pay team:data 2h.. state:failed", ROLLOUTS)
    assert where.span == Span.read("2h..")
    assert [term.values for term in where.words] == [("pay",)]
    assert where.text == "pay label:team=data state:failed 2h.."


def test_nothing_asked_is_everything() -> None:
    assert parse_where(" ", SERVICES) == EVERYTHING
    assert not EVERYTHING


@pytest.mark.parametrize(
    ("text", "listing", "said"),
    [
        ("state:faild", ROLLOUTS, "“state:faild”: there is no faild here."),
        ("state:failed,", ROLLOUTS, "“state:failed,”: a value is missing."),
        ("environment:", ROLLOUTS, "“environment:”: a value is missing."),
        ("a,,b", ROLLOUTS, "“a,,b”: a value is missing."),
        ("team:data", VERSIONS, "“team:data”: nothing here is called team."),
        (":x", ROLLOUTS, "“:x”: nothing here is called ."),
        ('"a b":c', ROLLOUTS, "“a b:c”: nothing here is called a b."),
        ("label:", ROLLOUTS, "“label:” names no label."),
        ('pay "api', ROLLOUTS, "A quote is opened and not closed: api"),
        ("2h.. ..1h", ROLLOUTS, "“..1h” is a second time, and one is allowed."),
        ("a..b", ROLLOUTS, "“a..b” is not a time."),
        ("-2h..", ROLLOUTS, "“-2h..” is not a time."),
        ("2h..", Listing({}, times=False), "“2h..” is a time, and none can be asked for here."),
        ("a\0b", ROLLOUTS, "Here is a character that is no text."),
        ("\ud800", ROLLOUTS, "Here is a character that is no text."),
        ("a " * (MOST + 1), ROLLOUTS, f"These are too many words: 21, where {MOST} are allowed."),
        ("a" * (LONGEST + 1), ROLLOUTS, f"This is too long: {LONGEST} characters are allowed."),
        ("a," * MOST_VALUES + "b", VERSIONS, f"“{'a,' * 39}a…”: at most 50 values are allowed."),
        ("env:" + "a" * (LONGEST - 4), ROLLOUTS, "This is too long: 500 characters are allowed."),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_word(
    text: str, listing: Listing, said: str
) -> None:
    with pytest.raises(Invalid) as refused:
        parse_where(text, listing)
    assert refused.value.message == said
    assert refused.value.field == "where"


def test_a_refusal_says_what_is_allowed() -> None:
    with pytest.raises(Invalid) as state:
        parse_where("state:faild", VERSIONS)
    assert state.value.hint == (
        "Allowed: pending, building, success, timeout, failed, duplicate, ready."
    )
    with pytest.raises(Invalid) as field:
        parse_where("team:data", VERSIONS)
    assert field.value.hint == "Allowed before a colon: state, ref, commit, by."


@given(TEXTS, LISTINGS)
@example("-\\", ROLLOUTS)
@example('""', ROLLOUTS)
@example('-""', ROLLOUTS)
@example('a"":b', ROLLOUTS)
def test_whatever_is_typed_is_read_or_refused(text: str, listing: Listing) -> None:
    where = refused = None
    try:
        where = parse_where(text, listing)
    except Invalid as found:
        refused = found
    if where is None:
        assert refused is not None
        assert len(refused.message) < 300
        assert refused.field == "where"
        return
    assert len(where.text) <= LONGEST
    assert len(where.terms) <= MOST
    assert parse_where(where.text, listing) == where


_values = st.lists(
    st.text(st.characters(exclude_categories=("C", "Z")) | st.just(" "), min_size=1, max_size=8),
    min_size=1,
    max_size=3,
).map(tuple)
_terms = st.one_of(
    st.builds(Term, _values, is_not=st.booleans()),
    st.builds(Term, _values, st.sampled_from(["service", "host", "by"]), is_not=st.booleans()),
    st.builds(
        Term,
        _values | st.just(()),
        st.just(LABEL),
        st.from_regex(r"[0-9A-Za-z][0-9A-Za-z._/-]{0,6}", fullmatch=True),
        st.booleans(),
    ),
)


@given(st.lists(_terms, max_size=4).map(tuple))
def test_what_is_meant_is_written_and_read_again(terms: tuple[Term, ...]) -> None:
    assert parse_where(Where(terms).text, ROLLOUTS) == Where(terms)


def test_a_chip_puts_its_word_in_the_place_of_another() -> None:
    where = parse_where("pay state:failed -state:locked", SERVICES)
    assert where.having("state", "running").text == "pay state:running"
    assert where.having("state", "").text == "pay"
    assert where.values_of("state") == ("failed",)
    assert parse_where("state:well state:failed", SERVICES).values_of("state") == ()

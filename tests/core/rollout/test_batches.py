"""Batches: a small first one, and then as large as was asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.rollout.plans.batches import Batches
from slipway.core.words.refusal import Invalid


@pytest.mark.parametrize(
    ("text", "total", "sizes"),
    [
        ("1 10% 50%", 20, (1, 2, 10, 7)),
        ("1 10% 50%", 5, (1, 1, 3)),
        ("1 50%", 5, (1, 3, 1)),
        ("100%", 7, (7,)),
        ("1", 3, (1, 1, 1)),
        ("10%", 3, (1, 1, 1)),  # rounded up
        ("34%", 100, (34, 34, 32)),
        ("+2", 12, (2, 4, 6)),  # the last part repeats, so it keeps growing
        ("1 +2", 10, (1, 3, 5, 1)),
        ("1 *2", 10, (1, 2, 4, 3)),
        ("5 1", 8, (5, 1, 1, 1)),
        ("3 *1", 8, (3, 3, 2)),
        ("1 10%", 0, ()),
        ("999999", 4, (4,)),
    ],
)
def test_cuts_as_the_text_says(text: str, total: int, sizes: tuple[int, ...]) -> None:
    assert Batches.parse(text).sizes(total) == sizes


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "0",
        "0%",
        "101%",
        "-1",
        "1.5",
        "a",
        "1,2",
        "+",
        "*",
        "%",
        "+10%",
        "*2",
        "*2 1",
        "1 0",
    ],
)
def test_refuses_a_word_that_is_no_size(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        Batches.parse(text)
    assert refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize("text", ["+0", "1 **2", "1000000", "٣", "1 " * 51])
def test_refuses_nonsense(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        Batches.parse(text)
    assert refused.value.message


words = st.one_of(
    st.integers(1, 300).map(str),
    st.integers(1, 100).map("{}%".format),
    st.integers(1, 50).map("+{}".format),
    st.integers(1, 9).map("*{}".format),
)
texts = st.lists(words, min_size=1, max_size=6).map(" ".join).filter(lambda t: t[0] != "*")


@given(texts, st.integers(0, 2000))
def test_every_target_is_in_exactly_one_batch(text: str, total: int) -> None:
    sizes = Batches.parse(text).sizes(total)
    assert sum(sizes) == total
    assert all(sizes)


@given(texts, st.integers(1, 2000))
def test_the_first_part_is_the_canary(text: str, total: int) -> None:
    batches = Batches.parse(text)
    assert batches.sizes(total)[0] == min(batches.parts[0].size(total, 0), total)


@given(texts)
def test_what_is_written_is_read_back(text: str) -> None:
    assert str(Batches.parse(text)) == text
    assert Batches.parse(f"  {text}\t") == Batches.parse(text)

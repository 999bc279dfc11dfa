"""What a step's end is said to be: in the words of the step, never an empty quotation."""

import pytest
from slipway.controller.verdict import last_words


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("no room\n", " It said: no room"),
        ("no room\n\n  \n", " It said: no room"),
        ("no room\n.\n", " It said: no room"),  # what ends a sentence is none
        ("", " It said nothing."),
        ("\n. \n", " It said nothing."),
        ("磁盘已满\n", " It said: 磁盘已满"),
    ],
)
def test_the_last_line_that_says_anything_is_told(output: str, said: str) -> None:
    assert last_words(output) == said

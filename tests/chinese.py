"""What is English in a page that is Chinese."""

import re
from html.parser import HTMLParser

# Two words in a row, the second of small letters: a sentence, or a part of one.
_SENTENCE = re.compile(r"[A-Za-z]{2,}(?:[,:]? [a-z]{2,})+")
# Commands, and an example of what is typed into a field, are the same in every language.
_TYPED = re.compile(r"slipway(?: [a-z-]+)+|--[a-z-]+(?:[ =]\S+)?|main release|user: app")
_UNSEEN = ("script", "style")
_PRINTED = (("p", "output"), ("pre", "text"))
_SHOWN = (
    "title",
    "aria-label",
    "placeholder",
    "data-live",
    "data-lost",
    "data-over",
    "data-ask",
    "data-ask-more",
    "data-ask-yes",
)


def english_in(text: str, *, printed: str = "") -> list[str]:
    """Return the pieces of `text` that are English, but for what hosts have `printed`."""
    ours = text.replace(printed, "") if printed else text
    return _SENTENCE.findall(_TYPED.sub("", ours))


def shown_in(page: str) -> str:
    """Return what a reader of an HTML page reads, a piece a line, without what hosts print."""
    reader = _Reader()
    reader.feed(page)
    return "\n".join(reader.pieces)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._hidden_in = ""  # the tag, "" outside

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._hidden_in and (tag in _UNSEEN or (tag, dict(attrs).get("class")) in _PRINTED):
            self._hidden_in = tag
        self.pieces += [value for name, value in attrs if name in _SHOWN and value]

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden_in:
            self._hidden_in = ""

    def handle_data(self, data: str) -> None:
        if not self._hidden_in and data.strip():
            self.pieces.append(data.strip())

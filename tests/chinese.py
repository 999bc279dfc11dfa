"""What is English in a page that is Chinese."""

import re
from html.parser import HTMLParser

# Three words of small letters in a row: a sentence, or a good part of one.
_SENTENCE = re.compile(r"[A-Za-z]{2,}(?:,? [a-z]{2,}){2,}")
_SHOWN = ("title", "aria-label", "placeholder", "data-live", "data-lost", "data-over")


def english_in(text: str) -> list[str]:
    """Return the pieces of `text` that are English sentences."""
    return _SENTENCE.findall(text)


def shown_in(page: str) -> str:
    """Return what a reader of an HTML page reads, a piece a line."""
    reader = _Reader()
    reader.feed(page)
    return "\n".join(reader.pieces)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("script", "style")
        self.pieces += [value for name, value in attrs if name in _SHOWN and value]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.pieces.append(data.strip())

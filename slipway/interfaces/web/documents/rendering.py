"""A document as a page shows it: its Markdown rendered, with our addresses, and what it says."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_NO_LETTERS = re.compile(r"[^\w\- ]")
_BEYOND = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]{2}")
_WRAPPED = (
    ("<table>", '<div class="scroll" tabindex="0"><table>'),
    ("</table>", "</table></div>"),
    ("<pre>", '<pre tabindex="0">'),
)

Address = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class DocumentHeading:
    """`id` is what an address names behind `#`."""

    level: int
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class DocumentPassage:
    """A paragraph (`is_prose`), a row of a table or a block of code, and the heading over it."""

    heading: DocumentHeading
    text: str
    is_prose: bool = False


@dataclass(frozen=True, slots=True)
class Rendered:
    """`dead` are the links in it that lead nowhere."""

    html: str
    headings: tuple[DocumentHeading, ...]
    passages: tuple[DocumentPassage, ...]
    dead: tuple[str, ...]

    @property
    def title(self) -> str:
        return self.headings[0].text

    @property
    def lead(self) -> str:
        """The first paragraph, where the title has one of its own."""
        first = self.passages[0] if self.passages else None
        is_lead = first and first.is_prose and first.heading == self.headings[0]
        return first.text if first and is_lead else ""


def render(text: str, address: Address, ids: Sequence[str] = ()) -> Rendered:
    """Render a document. `address` returns where a link leads, "" where to nothing that is served;
    `ids` are those of its headings in order, where they are not made of their words."""
    markdown = _markdown()
    tokens = markdown.parse(text)
    _join_lines(tokens)
    headings = tuple(_name_headings(tokens, ids))
    dead = tuple(_lead(tokens, address))
    _drop_styles(tokens)
    html: str = markdown.renderer.render(tokens, markdown.options, {})
    # What is wide moves within the page, by keys, too. These words are tags: text is escaped.
    for tag, wrapped in _WRAPPED:
        html = html.replace(tag, wrapped)
    return Rendered(html, headings, tuple(_passages(tokens, headings)), dead)


@cache
def _markdown() -> "MarkdownIt":
    # Not before a document is asked for: who reads none has no use for its three megabytes. Raw
    # HTML stays text.
    library: Any = import_module("markdown_it")
    made: MarkdownIt = library.MarkdownIt("commonmark", {"html": False})
    return made.enable("table")


def _name_headings(tokens: "Sequence[Token]", ids: Sequence[str]) -> Iterator[DocumentHeading]:
    """Give each heading its id, as other readers of Markdown make them."""
    taken: dict[str, int] = {}
    places = (place for place, token in enumerate(tokens) if token.type == "heading_open")
    for number, place in enumerate(places):
        said = _plain(tokens[place + 1])
        name = _NO_LETTERS.sub("", said.lower()).replace(" ", "-")
        count = taken[name] = taken.get(name, -1) + 1
        made = ids[number] if number < len(ids) else f"{name}-{count}" if count else name
        tokens[place].attrSet("id", made)
        yield DocumentHeading(int(tokens[place].tag[1]), made, said)


def _lead(tokens: "Sequence[Token]", address: Address) -> Iterator[str]:
    """Put our addresses into links and pictures; what is not served becomes words, and is told."""
    for token in tokens:
        is_dead = False
        for child in token.children or ():
            if child.type == "link_open":
                found = _found(str(child.attrGet("href")), address)
                is_dead = not found
                if is_dead:
                    yield str(child.attrGet("href"))
                child.tag = "a" if found else "span"
                child.attrs = {"href": found} if found else {}
            elif child.type == "link_close":
                child.tag = "span" if is_dead else "a"
            elif child.type == "image":
                source = str(child.attrGet("src"))
                child.attrSet("src", address(source))
                if not child.attrGet("src"):
                    child.type = "text"
                    yield source


def _found(href: str, address: Address) -> str:
    return href if href.startswith("#") or _BEYOND.match(href) else address(href)


def _join_lines(tokens: "Sequence[Token]") -> None:
    """Where a line of Chinese ends, nobody sees a space."""
    for token in tokens:
        children = token.children or []
        for before, child, after in zip(children, children[1:], children[2:], strict=False):
            ends = before.content[-1:] + after.content[:1]
            if child.type == "softbreak" and _CHINESE.fullmatch(ends):
                child.type, child.content = "text", ""


def _drop_styles(tokens: "Sequence[Token]") -> None:
    for token in tokens:
        if "style" in token.attrs:
            token.attrs = {"class": "number"} if "right" in str(token.attrs["style"]) else {}


def _passages(
    tokens: "Sequence[Token]", headings: Sequence[DocumentHeading]
) -> Iterator[DocumentPassage]:
    number, cells = -1, list[str]()
    for before, token in pairwise(tokens):
        if before.type == "heading_open":
            number += 1
        elif token.type == "tr_close":
            yield DocumentPassage(headings[number], " · ".join(cells))
            cells = []
        elif before.type in ("td_open", "th_open"):
            cells.append(_plain(token))
        elif said := token.content.strip() if token.type == "fence" else _plain(token):
            yield DocumentPassage(headings[number], said, is_prose=token.type == "inline")


def _plain(token: "Token") -> str:
    """Return the words of a line, without marks and pictures."""
    parts = (
        " " if child.type in ("softbreak", "hardbreak") else child.content
        for child in token.children or ()
        if child.type in ("text", "code_inline", "softbreak", "hardbreak")
    )
    return "".join(parts).strip()

"""Which documents there are, in which order and languages, and where a link in one leads."""

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from slipway.interfaces.web.documents.rendering import Rendered, render

# The folder `docs` of the sources; in what is installed, a copy of it.
FOLDER = Path(__file__).with_name("text").resolve()
ADDRESS = "/docs"
CHINESE = "zh"
_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (gettext_noop("Begin"), ("howto/first-service", "howto/builds", "howto/finding")),
    (gettext_noop("Look up"), ("release-spec", "cli", "api", "meanings", "glossary")),
    (
        gettext_noop("Operate"),
        (
            "operations/installing",
            "operations/operating",
            "operations/security",
            "operations/backup",
            "operations/upgrading",
            "operations/scaling-out",
        ),
    ),
    (gettext_noop("How it is made"), ("architecture", "host", "promises")),
)
NAMES = tuple(name for _label, names in _GROUPS for name in names)
# What documents show and refer to, and how it is sent.
_KINDS = {".png": "image/png", ".yml": "text/plain; charset=utf-8", "": "text/plain; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Document:
    """A document in one language, by the name that it has in English."""

    name: str
    is_chinese: bool
    rendered: Rendered

    @property
    def language(self) -> str:
        return "zh-Hans" if self.is_chinese else "en"

    @property
    def address(self) -> str:
        return f"{ADDRESS}/{self.name}"


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    documents: Sequence[Document]


def groups(language: str) -> list[Group]:
    """Return all documents in the order in which they are offered."""
    return [
        Group(_(label), [document(name, language) for name in names]) for label, names in _GROUPS
    ]


def document(name: str, language: str) -> Document:
    """Return a document in the reader's language where there is one in it, or else in English."""
    return _document(name, reads_chinese(language) and _path(name, is_chinese=True).is_file())


def reads_chinese(language: str) -> bool:
    return language.startswith(CHINESE)


@cache
def _document(name: str, is_chinese: bool) -> Document:
    # Kept as long as the process lives: nothing changes them but another version of Slipway.
    path = _path(name, is_chinese)
    place = path.relative_to(FOLDER).as_posix()
    # One address names a paragraph in all languages.
    ids = [each.id for each in _document(name, False).rendered.headings] if is_chinese else []
    rendered = render(path.read_text("utf-8"), lambda link: _address(place, link), ids)
    return Document(name, is_chinese, rendered)


def _path(name: str, is_chinese: bool) -> Path:
    return FOLDER / (CHINESE if is_chinese else "") / f"{name}.md"


def _address(place: str, link: str) -> str:
    """Return where a link in the file at `place` leads, "" to what is not served."""
    path, mark, anchor = link.partition("#")
    file = posixpath.normpath(posixpath.join(posixpath.dirname(place), path))
    name = file.removeprefix(f"{CHINESE}/").removesuffix(".md")
    if file.endswith(".md"):
        return f"{ADDRESS}/{name}{mark}{anchor}" if name in NAMES else ""
    return f"{ADDRESS}/{file}" if file in files() else ""


@cache
def files() -> dict[str, str]:
    """Return how each file that is no document is sent: pictures and examples."""
    there = (path for path in FOLDER.rglob("*") if path.is_file() and path.suffix in _KINDS)
    return {path.relative_to(FOLDER).as_posix(): _KINDS[path.suffix] for path in there}

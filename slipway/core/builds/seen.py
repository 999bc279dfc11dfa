"""What a build server says: of itself, of a build, of what lies between two commits."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from slipway.core.builds.state import SeenStatus
from slipway.core.words.sentence import Sentence

# Codes of findings: builds by command are refused, or can do what the worker can.
NOT_ISOLATED = ("not_isolated", "unisolated")


@dataclass(frozen=True, slots=True)
class SeenBuild:
    """A build as its server tells it just now."""

    id: str  # what the server calls it; kept, and asked with
    status: SeenStatus
    url: str = ""  # for people
    ref: str = ""
    commit: str = ""
    correlation: str = ""  # ours, where the server says it
    says: Sentence | None = None  # what is under way, or why it failed
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LogPiece:
    """What was printed since `position`; the next call continues at the new one, which only the
    adapter understands."""

    text: str
    position: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a test of a build server: what works, or what not and what to do."""

    said: Sentence
    works: bool

    @classmethod
    def of(
        cls, code: str, template: str, works: bool, /, *, hint: str = "", **values: object
    ) -> Self:
        return cls(Sentence.of(code, template, hint=hint, **values), works)

    @property
    def what(self) -> str:
        return self.said.english

    @property
    def hint(self) -> str:
        return self.said.english_hint


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit between two versions."""

    id: str
    title: str
    author: str
    at: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The commits that `head` has and `base` has not, the newest first; `total` counts all."""

    commits: tuple[Commit, ...]
    total: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class FetchedPackage:
    """The package as its server gives it, streamed."""

    filename: str
    chunks: Iterator[bytes]

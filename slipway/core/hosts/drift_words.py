"""What was found on a host otherwise than it was left, though the version is the wanted one; and
what nobody could find out."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from slipway.core.words.sentence import Sentence

LONGEST_NAMES = 300


class What(StrEnum):
    FILES = "files"  # of the release: edited, added or taken away
    RELEASE_GONE = "release-gone"
    UNIT = "unit"
    UNIT_GONE = "unit-gone"
    UNIT_MASKED = "unit-masked"
    UNIT_OFF = "unit-off"  # it runs, and its host would not start it again
    DROP_IN = "drop-in"  # somebody adds to the unit beside it: theirs, which we never touch
    SETTINGS = "settings"
    UNREAD = "unread"  # the release could not be looked through in time: no word about its files


_SENTENCES = {
    What.FILES: "files of its release were edited, added or removed ({count}): {names}",
    What.RELEASE_GONE: "the folder of its release is gone",
    What.UNIT: "its unit file was edited",
    What.UNIT_GONE: "its unit file is gone",
    What.UNIT_MASKED: "its unit is masked: its host would not start it again",
    What.UNIT_OFF: "its unit is disabled: its host would not start it again",
    What.DROP_IN: "what its unit says is changed by files beside it ({count}): {names}",
    What.SETTINGS: "its environment file was edited",
    What.UNREAD: "the files of its release could not be looked through in time: whether any was "
    "edited, added or removed is not known",
}


@dataclass(frozen=True, slots=True)
class Drift:
    """`count` files are otherwise, or of somebody else, of which `names` are some."""

    what: What
    count: int = 0
    names: str = ""

    @property
    def is_known(self) -> bool:
        return self.what is not What.UNREAD

    @property
    def is_mended(self) -> bool:
        """Whether it is put back by whatever brings the release anew."""
        return self.is_known and self.what is not What.DROP_IN

    @property
    def is_of_files(self) -> bool:
        return self.what in (What.FILES, What.RELEASE_GONE)

    @property
    def sentence(self) -> Sentence:
        code = f"drift_{self.what.value.replace('-', '_')}"
        if self.what not in (What.FILES, What.DROP_IN):
            return Sentence.of(code, _SENTENCES[self.what])
        return Sentence.of(code, _SENTENCES[self.what], count=self.count, names=self.names)

    @property
    def text(self) -> str:
        """The same in one line, as it is kept."""
        return f"{self.what} {self.count} {self.names}".rstrip()

    @classmethod
    def from_text(cls, line: str) -> Self:
        what, _, rest = line.partition(" ")
        count, _, names = rest.partition(" ")
        return cls(What(what), int(count or 0), names)


def has_drifted(found: tuple[Drift, ...]) -> bool:
    """Return whether anything is there that is put back by bringing the release anew."""
    return any(each.is_mended for each in found)


def kept(found: tuple[Drift, ...]) -> str:
    return "\n".join(each.text for each in found)


def read_kept(text: str) -> tuple[Drift, ...]:
    return tuple(Drift.from_text(line) for line in text.splitlines())

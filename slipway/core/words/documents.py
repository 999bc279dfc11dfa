"""Reading a document strictly: every key is known, every value is what it should be."""

import re
import shlex
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import yaml

from slipway.core.words.durations import parse_duration
from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid

LONGEST_TEXT = 64 * 1024
MOST_BRACKETS = 1000
_SHELL_WORDS = frozenset({"|", "||", "&", "&&", ";", "<", ">", ">>", "2>&1", "2>"})
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")


class _Loader(yaml.BaseLoader):
    """YAML whose values stay the text that was written (`1.10`, `yes`), and no key comes twice.
    Aliases are not read: one inside the other, a few lines become millions of values."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise no_aliases()
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise Invalid("Line {line}: a key should be a text.", line=key.start_mark.line + 1)
            if key.value in seen:
                raise Invalid("{key} is there twice.", key=f"“{shown(key.value)}”")
            seen.add(key.value)
        return super().construct_mapping(node, deep=True)


def no_aliases() -> Invalid:
    return Invalid(
        "Aliases (*name) are not read here.", hint="Write out what the alias stands for."
    )


def load(text: str) -> Mapping[str, object]:
    """Return the mapping that the YAML `text` is. Raises Invalid with the line where it is not."""
    if len(text) > LONGEST_TEXT:
        raise Invalid("The document is longer than {most} characters.", most=LONGEST_TEXT)
    # The time to read nested brackets grows with the square of their depth.
    if text.count("[") + text.count("{") > MOST_BRACKETS:
        raise Invalid("The document has more than {most} brackets.", most=MOST_BRACKETS)
    try:
        document = yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise Invalid(
            "Line {line} is not YAML: {why}.", line=line, why=shown(error.problem or "broken")
        ) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Invalid("This is not YAML.", hint="Check it with a YAML linter.") from error
    if document in (None, ""):
        return {}
    if not isinstance(document, dict):
        raise Invalid("The document should be keys with values, like: run: ./bin/billing")
    return document


def line_of(text: str, path: str) -> int:
    """Return in which line of the YAML `text` the key at `path` is written (`health.http`), or the
    nearest one around it; 0 where there is none."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except (yaml.YAMLError, Invalid, RecursionError, ValueError):
        return 0
    line = 0
    for part in path.split("."):
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        found = next(((key, value) for key, value in pairs if key.value == part), None)
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping being read; `path` is where it is in the document, for messages."""

    values: Mapping[str, object]
    path: str = ""

    @classmethod
    def of(cls, value: object, path: str, known: tuple[str, ...] = ()) -> "Section":
        """Raises Invalid when `value` is no mapping or has a key that is not `known`."""
        if value in (None, ""):
            value = {}
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise Invalid("{key} should be keys with values.", key=path)
        section = cls(value, path)
        for key in value:
            if known and key not in known:
                raise Invalid(
                    "{key} is not known.",
                    hint="Known here: {known}.",
                    key=section.at(shown(key)),
                    known=", ".join(known),
                )
        return section

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def section(self, key: str, known: tuple[str, ...] = ()) -> "Section":
        return Section.of(self.values.get(key), self.at(key), known)

    def text(self, key: str, default: str = "") -> str:
        """Return one line of text. Raises Invalid."""
        value = self.values.get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise Invalid("{key} should be a text.", hint="Put it in quotes.", key=self.at(key))
        return one_line(str(value), self.at(key))

    def duration(self, key: str, default: timedelta) -> timedelta:
        text = self.text(key)
        if not text:
            return default
        try:
            return parse_duration(text)
        except Invalid as error:
            raise Invalid(
                "{key}: {why}", hint=error.hint, key=self.at(key), why=error.sentence
            ) from error

    def number(self, key: str, least: int, most: int) -> int | None:
        """Return a whole number within bounds, None where nothing is said. Raises Invalid."""
        text = self.text(key)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise Invalid("{key} should be a number.", key=self.at(key))
        if not least <= int(text) <= most:
            raise Invalid(
                "{key} should be from {least} to {most}.", key=self.at(key), least=least, most=most
            )
        return int(text)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key)
        if value in (None, ""):
            return ()
        if not isinstance(value, list | tuple):
            raise Invalid("{key} should be a list, like [logs, data].", key=self.at(key))
        numbered = Section({str(n): each for n, each in enumerate(value)}, self.at(key))
        return tuple(numbered.text(number) for number in numbered.values)

    def argv(self, key: str) -> tuple[str, ...]:
        """Return a command's words: from a list as they are, from a text as a shell would split it.

        No shell runs it, so Invalid is raised for a text that only a shell would understand.
        """
        if isinstance(self.values.get(key), list | tuple):
            return self.texts(key)
        text = self.text(key)
        try:
            words = tuple(shlex.split(text))
        except ValueError as error:
            raise Invalid(
                "{key}: a quote is not closed in {text}.", key=self.at(key), text=shown(text)
            ) from error
        for word in words:
            if word in _SHELL_WORDS or (word == words[0] and _ASSIGNMENT.match(word)):
                raise Invalid(
                    "{key}: no shell runs this, so {word} means nothing.",
                    hint="Put the line into a script of the package and name the script here.",
                    key=self.at(key),
                    word=word,
                )
        return words


def one_line(text: str, key: str) -> str:
    """Return `text`. Raises Invalid for control characters: they would end a line on the host."""
    if any(ord(mark) < 32 or ord(mark) == 127 or 0xD800 <= ord(mark) < 0xE000 for mark in text):
        raise Invalid("{key} should be one line of plain text.", key=key)
    return text

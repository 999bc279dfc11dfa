"""Words of our own programs, read back into the template by which it said them, and its values."""

import re
from collections.abc import Iterable
from typing import Any

_PLACE = re.compile(r"\{([a-z_]+)\}")


def pattern_of(template: str, texts: Iterable[str]) -> re.Pattern[str]:
    """Return what `template` looks like when it is filled: `texts` may be several words, a
    `program` begins at the root, anything else is one word."""
    long = {name: ".+?" for name in texts} | {"program": r"/[^ ]*"}
    parts = _PLACE.split(template)
    return re.compile(
        "".join(
            re.escape(part.replace("{{", "{").replace("}}", "}"))
            if at % 2 == 0
            else f"(?P<{part}>{long.get(part, r'[^ ]+')})"
            for at, part in enumerate(parts)
        ),
        re.DOTALL,
    )


def values_in(found: re.Match[str], numbers: Iterable[str]) -> dict[str, Any]:
    """Return the values of a template that was found, `numbers` among them as such."""
    return {
        name: int(text) if name in numbers and text.isdecimal() else text
        for name, text in found.groupdict().items()
    }

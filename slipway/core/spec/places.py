"""The places `${PORT}`, `${VERSION}`… in texts of a release spec, and what is put there."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from slipway.core.spec.values import Hook
from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid

PLACES = (
    "PORT",
    "VERSION",
    "WEIGHT",
    "SERVICE",
    "INSTANCE",
    "HOST",
    "ADDRESS",
    "ENVIRONMENT",
    "SHARED",
    "RELEASE",
)
# What is done there, told to scripts and in the environment alone: a unit names no rollout.
ROLLOUT_PLACES = ("ROLLOUT_KIND", "FROM_VERSION", "TO_VERSION", "BATCH", "INSTANCE_NUMBER")
ALL_PLACES = (*PLACES, *ROLLOUT_PLACES)

_PLACE = re.compile(r"(\$?)\$\{([^}]*)\}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with its places filled; `$${X}` stays `${X}`. Raises Invalid for one unknown.

    What is put in is data: a value that looks like a place is not filled again.
    """
    return _PLACE.sub(lambda place: _value(place, values), text)


def filled(hook: Hook, places: Mapping[str, str]) -> Hook:
    return replace(hook, argv=tuple(fill(word, places) for word in hook.argv))


def names_in(text: str) -> tuple[str, ...]:
    """Return the names of the places in `text`, in order."""
    return tuple(name for escaped, name in _PLACE.findall(text) if not escaped)


def check_places(text: str, known: Collection[str] = PLACES) -> str:
    """Return `text`. Raises Invalid when a place in it is not known."""
    for name in names_in(text):
        if name not in known:
            raise _unknown(name, known)
    return text


def _value(place: re.Match[str], values: Mapping[str, str]) -> str:
    escaped, name = place[1], place[2]
    if escaped:
        return place[0][1:]
    if name not in values:
        raise _unknown(name, values)
    return values[name]


def _unknown(name: str, known: Collection[str]) -> Invalid:
    if name == "PORT":
        return Invalid(
            "${{PORT}} is used, but the instance has no port.",
            hint="Deploy with a port, or take ${{PORT}} out of the release spec.",
            name=name,
        )
    return Invalid(
        "${{{name}}} is not a place that can be filled.",
        hint="Known are: {known}. For a literal one write $${{{name}}}.",
        name=shown(name),
        known=", ".join(known),
    )

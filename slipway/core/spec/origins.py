"""Where each value comes from by which a version is run, and what held when it was taken in."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from slipway.core.spec.as_json import spec_as_dict
from slipway.core.spec.hidden_values import HIDDEN
from slipway.core.spec.parsing import merge_spec, parse_spec
from slipway.core.spec.shorthands import written_out

_SECTIONS = ("environment", "scripts", "health", "limits")


class Origin(StrEnum):
    """Who says it; the later ones give way to the earlier."""

    SERVICE = "service"  # its own spec, of now
    PACKAGE = "package"  # the slipway.yaml that came with the version
    DEFAULT = "default"  # nobody
    WELL_STATE = "well_state"  # none of them: it is brought as it was well once


@dataclass(frozen=True, slots=True)
class Setting:
    """One effective value. `at_upload` is what held when the version was taken in, where that was
    another; None: the same, or not known."""

    key: str
    value: str
    origin: Origin
    at_upload: str | None = None


def settings_of(
    package: Mapping[str, object],
    service: Mapping[str, object],
    at_upload: Mapping[str, object] | None,
) -> tuple[Setting, ...]:
    """Return the values that count now, by key: those of the package, overridden by the service's.

    `at_upload` is what the service said when the version was taken in, where that is known. Raises
    Invalid where package and service contradict each other now.
    """
    now = _flat(package, service)
    before = now if at_upload is None else _flat(package, at_upload)
    merged, own = merge_spec(package, service), _said(service)
    if service.get("run"):
        own |= {"supervisor"}  # what it says implies it
    said = _said(merged)
    return tuple(
        Setting(
            key,
            now.get(key, ""),
            _origin(key, own, said),
            before.get(key, "") if before.get(key) != now.get(key) else None,
        )
        for key in sorted(now.keys() | before.keys())
    )


def without_hidden(settings: tuple[Setting, ...]) -> tuple[Setting, ...]:
    """Return them with the names of variables alone: their values are not for everybody."""
    return tuple(
        Setting(each.key, HIDDEN, each.origin, HIDDEN if each.at_upload is not None else None)
        if each.key.startswith("environment.")
        else each
        for each in settings
    )


def _origin(key: str, own: frozenset[str], said: frozenset[str]) -> Origin:
    if key in own:
        return Origin.SERVICE
    return Origin.PACKAGE if key in said else Origin.DEFAULT


def _said(spec: Mapping[str, object]) -> frozenset[str]:
    """Return the keys that a document says, as `health.http`."""
    return frozenset(key for key, _ in _items(written_out(spec)))


def _items(spec: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for key, value in spec.items():
        if key in _SECTIONS and isinstance(value, Mapping):
            yield from ((f"{key}.{name}", each) for name, each in value.items())
        else:
            yield key, value


def _flat(package: Mapping[str, object], service: Mapping[str, object]) -> dict[str, str]:
    return flat(spec_as_dict(parse_spec(merge_spec(package, service))))


def flat(spec: Mapping[str, object]) -> dict[str, str]:
    """Return the values of a whole spec as texts, by key (`health.http`)."""
    return {key: _text(value) for key, value in _items(spec)}


def _text(value: object) -> str:
    if value in (None, [], {}):
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

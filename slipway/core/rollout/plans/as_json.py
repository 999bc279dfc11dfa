"""A plan as JSON: every field by name, read back strictly, under a format number."""

from collections.abc import Mapping
from dataclasses import fields
from enum import StrEnum
from functools import cache
from typing import Any

from slipway.core.release.steps import PackageFormat, PackageRef
from slipway.core.rollout.plans.plan import FORMAT, Plan, PlannedHost, PlannedPlace, PlannedRelease
from slipway.core.rollout.value.history import Release
from slipway.core.rollout.value.planned import Planned, Policy
from slipway.core.spec.as_json import spec_as_dict
from slipway.core.spec.parsing import parse_spec
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid

_SIMPLE: Mapping[str, type] = {"str": str, "int": int, "bool": bool, "float": float}
_PLAIN = frozenset(_SIMPLE.values())


def plan_as_json(plan: Plan) -> dict[str, object]:
    """Return `plan` as plain JSON values: what is kept, approved and hashed."""
    return {
        **around_places(plan),
        "places": [_as_json(place) for place in plan.places],
        "hosts": {name: _as_json(host) for name, host in plan.hosts.items()},
    }


def around_places(plan: Plan) -> dict[str, object]:
    """Return the same without its places and their hosts, of which there may be a thousand."""
    return {
        "format": plan.format,
        "kind": plan.kind.value,
        "service": plan.service,
        "environment": plan.environment,
        "version": plan.version,
        "batches": plan.batches,
        "deadline": float(plan.deadline),
        "policy": _as_json(plan.policy),
        "releases": {
            name: {
                "value": _as_json(release.value),
                "spec": spec_as_dict(release.spec),
                "package": _as_json(release.package) if release.package else None,
            }
            for name, release in plan.releases.items()
        },
    }


def plan_from_json(kept: Mapping[str, object]) -> Plan:
    """Read what `plan_as_json` wrote. Raises Invalid for another format, or what is no plan."""
    found = kept.get("format") if isinstance(kept, Mapping) else None
    if found != FORMAT or isinstance(found, bool):
        raise Invalid(
            "This plan is in format {found}, and {known} is what can be read here.",
            hint="It was made by another version of Slipway: cancel it and start anew.",
            found=shown(str(found)) if found is not None else "unknown",
            known=FORMAT,
        )
    try:
        return _plan(kept)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid(
            "This plan cannot be read: {why}.",
            hint="Cancel it and start anew.",
            why=shown(f"{type(error).__name__} {error}"),
        ) from error


def _plan(kept: Mapping[str, Any]) -> Plan:
    return Plan(
        kind=RolloutKind(kept["kind"]),
        service=_text(kept["service"]),
        environment=_text(kept["environment"]),
        version=_text(kept["version"]),
        batches=_text(kept["batches"]),
        deadline=_simple("float", kept["deadline"]),
        policy=Policy(**_read(Policy, kept["policy"])),
        places=tuple(_place(each) for each in _list(kept["places"])),
        hosts={name: _host(each) for name, each in kept["hosts"].items()},
        releases={name: _planned_release(each) for name, each in kept["releases"].items()},
        format=kept["format"],
    )


def _host(kept: Mapping[str, Any]) -> PlannedHost:
    tools = tuple(_text(tool) for tool in _list(kept["tools"]))
    return PlannedHost(**_read(PlannedHost, kept, tools=tools))


def _place(kept: Mapping[str, Any]) -> PlannedPlace:
    said = kept["planned"]
    releases: dict[str, object] = {
        "origin": _release(said["origin"]),
        "goal": _release(said["goal"]),
        "back": _release(said["back"]) if said["back"] is not None else None,
        "next_back": _release(said["next_back"]) if said["next_back"] is not None else None,
    }
    planned = Planned(**_read(Planned, said, **releases))
    return PlannedPlace(**_read(PlannedPlace, kept, planned=planned))


def _release(kept: Mapping[str, Any]) -> Release:
    return Release(**_read(Release, kept))


def _planned_release(kept: Mapping[str, Any]) -> PlannedRelease:
    package = kept["package"]
    return PlannedRelease(
        value=_release(kept["value"]),
        spec=parse_spec(kept["spec"]),
        package=_package(package) if package is not None else None,
    )


def _package(kept: Mapping[str, Any]) -> PackageRef:
    return PackageRef(**_read(PackageRef, kept, format=PackageFormat(kept["format"])))


def _as_json(value: Any) -> Any:
    """Return a value of dataclasses as JSON. A number of seconds is written as such, always: the
    hash is over what is written."""
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple | list):
        return [_as_json(each) for each in value]
    return {
        name: float(getattr(value, name)) if kind == "float" else _as_json(getattr(value, name))
        for name, kind in columns_of(value.__class__)
    }


@cache
def columns_of(kind: type) -> tuple[tuple[str, str], ...]:
    """The fields of a dataclass, and what each holds: asked of 1,000 places."""
    return tuple((field.name, _type_of(field.type)) for field in fields(kind))


def _read(kind: type, kept: Mapping[str, Any], **known: object) -> dict[str, Any]:
    """Return the fields of a dataclass, no more and no fewer; `known` ones were read already."""
    names = {field.name for field in fields(kind)}
    if set(kept) != names:
        odd = sorted(set(kept) ^ names)[0]
        raise ValueError(f"{kind.__name__} has another field: {odd}")
    simple = {
        field.name: _simple(_type_of(field.type), kept[field.name])
        for field in fields(kind)
        if field.name not in known
    }
    return simple | known


def _type_of(annotation: object) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


def _simple(name: str, value: object) -> Any:
    """Return `value` where it is what it should be: True is no number, and 3 is no text."""
    if name == "float" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not _SIMPLE[name]:
        raise TypeError(f"{value!r} is no {name}")
    return value


def _text(value: object) -> str:
    text: str = _simple("str", value)
    return text


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return value

"""What a plan is told from others by, made of the values of a thousand places at once."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import is_dataclass
from functools import cache, lru_cache
from json.encoder import encode_basestring_ascii
from operator import attrgetter
from typing import Any

from slipway.core.rollout.plans.as_json import around_places, columns_of
from slipway.core.rollout.plans.plan import Plan

_Writer = Callable[[Any], str]


def plan_hash(plan: Plan) -> str:
    """Return the sha256 of a plan's values, format number included: what an approval binds to. It
    is that of the plan as JSON, its keys in order, without spaces and of ASCII alone."""
    parts = {name: _dumped(value) for name, value in around_places(plan).items()}
    parts["places"] = f"[{','.join(map(_written, plan.places))}]"
    hosts = (f"{_dumped(name)}:{_written(host)}" for name, host in sorted(plan.hosts.items()))
    parts["hosts"] = f"{{{','.join(hosts)}}}"
    text = ",".join(f'"{name}":{part}' for name, part in sorted(parts.items()))
    return hashlib.sha256(f"{{{text}}}".encode()).hexdigest()


def _dumped(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _written(value: Any) -> str:
    """Return a value of dataclasses as such a text: the same that its JSON would be dumped to."""
    form, values_of, writers = _form(value.__class__)
    return form % tuple([write(one) for write, one in zip(writers, values_of(value), strict=True)])


@cache
def _form(kind: type) -> tuple[str, Callable[[Any], tuple[Any, ...]], tuple[_Writer, ...]]:
    """Return the text of a dataclass with places for its values, how they are got, and written."""
    columns = sorted(columns_of(kind))
    form = ",".join(f'"{name}":%s' for name, _type in columns)
    writers = tuple(_WRITERS.get(type_name, _any) for _name, type_name in columns)
    return f"{{{form}}}", attrgetter(*(name for name, _type in columns)), writers


@lru_cache(maxsize=1000)
def _seconds(value: float) -> str:
    return _dumped(float(value))


@lru_cache(maxsize=1000)
def _any(value: Any) -> str:
    """A thousand places bring the same few releases, and have the same tools, which are texts."""
    return _written(value) if is_dataclass(value) else _dumped(value)


# By what a field holds: a thousand places have thirty each.
_WRITERS: dict[str, _Writer] = {
    "str": encode_basestring_ascii,
    "bool": {True: "true", False: "false"}.__getitem__,
    "int": int.__repr__,
    "float": _seconds,
    "Planned": _written,
}

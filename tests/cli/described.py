"""What the OpenAPI document says of the API: its requests, and an answer to each."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from slipway.interfaces.api import build_api
from tests.cli.standin import Asked, Reply, events

_TEXTS = {
    "date-time": "2026-11-23T10:00:00+00:00",
    "uuid": "0b0e5b44-0f3c-4a57-9d2c-0d5c2b7d6a11",
}
# Nothing goes on: what a command waits for has happened.
_ENDS: dict[str, dict[str, Any]] = {
    "GET /rollouts/{id}": {"state": "succeeded"},
    "POST /rollouts": {"state": "succeeded"},
    "GET /services/{name}/compare": {"state": "ready"},
    "GET /builds/{id}": {"status": "success"},
    "GET /builds/{id}/log": {"text": ""},
    "GET /environments/{name}": {"freeze_windows": []},
    "GET /services/{name}/versions/{version}": {
        "package": {"filename": "a", "size": 0, "sha256": hashlib.sha256(b"").hexdigest()}
    },
    "POST /hosts/import": {"problems": []},
    "POST /retention/run": {"finished_at": None},
    "GET /retention/runs/{id}": {"problem": ""},
}
_PAGED = {
    "limit",
    "offset",
    "after",
    "before",
}  # each list of the command line goes through all pages by itself


@dataclass(frozen=True)
class Operation:
    """One request: its path as an expression, what may stand in its query and in its body."""

    name: str
    path: re.Pattern[str]
    query: frozenset[str]
    body: frozenset[str]
    answer: dict[str, Any] = field(repr=False)
    status: int

    def is_asked_by(self, asked: Asked) -> bool:
        return asked.method == self.name.split()[0] and bool(self.path.fullmatch(asked.path))


@cache
def operations() -> tuple[Operation, ...]:
    """Every request that there is; those with a fixed path before those with places."""
    document: dict[str, Any] = build_api().get_openapi_schema(path_prefix="")
    found = [
        _operation(document, method, path, told)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    ]
    return tuple(sorted(found, key=lambda operation: operation.path.pattern.count("[^/]")))


def answer(asked: Asked) -> Reply:
    """Answer as the document says: every field is there, every list has one line."""
    operation = next((each for each in operations() if each.is_asked_by(asked)), None)
    if operation is None:
        return Reply({"code": "not_found", "message": f"No {asked.path}", "hint": ""}, 404)
    if "event-stream" in asked.headers.get("accept", ""):
        return events(("end", 1, {"state": "succeeded"}))
    if operation.name.endswith(("/package", "/export")):
        return Reply(raw=b"", content_type="application/octet-stream")
    document: Any = _example(operation.answer) if operation.answer else {}
    return Reply({**document, **_ENDS.get(operation.name, {})}, operation.status)


def _operation(document: dict[str, Any], method: str, path: str, told: dict[str, Any]) -> Operation:
    components = document["components"]["schemas"]
    status = max(int(code) for code in told["responses"] if str(code).startswith("2"))
    content = told["responses"][status].get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    parameters = [each["name"] for each in told.get("parameters", ()) if each["in"] == "query"]
    return Operation(
        name=f"{method.upper()} {path}",
        path=re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))),
        query=frozenset(parameters) - _PAGED,
        body=frozenset(_resolved(body.get("schema", {}), components).get("properties", ())),
        answer=_expanded(schema, components),
        status=status,
    )


def _resolved(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    for one in (schema, *schema.get("allOf", ()), *schema.get("anyOf", ())):
        if "$ref" in one:
            return dict(components[one["$ref"].rpartition("/")[2]])
    return schema


def _expanded(schema: dict[str, Any], components: dict[str, Any], depth: int = 8) -> dict[str, Any]:
    """The schema with what it names put in its places."""
    schema = _resolved(schema, components)
    if depth == 0:
        return {}
    parts = {
        name: _expanded(part, components, depth - 1)
        for name, part in schema.get("properties", {}).items()
    }
    items = schema.get("items")
    more = {"items": _expanded(items, components, depth - 1)} if items else {}
    return {**schema, **more, "properties": parts}


def _example(schema: dict[str, Any]) -> Any:
    kinds = [schema, *schema.get("anyOf", ())]
    kind = next((each["type"] for each in kinds if each.get("type") not in (None, "null")), "")
    if kind == "object" or schema.get("properties"):
        return {name: _example(part) for name, part in schema["properties"].items()}
    match kind:
        case "array":
            return [_example(schema.get("items", {}))]
        case "integer" | "number":
            return 1
        case "boolean":
            return True
    words = [word for each in kinds for word in each.get("enum", ())]
    form = next((each["format"] for each in kinds if each.get("format") in _TEXTS), "")
    return words[0] if words else _TEXTS.get(form, "a")


def names(asked: Asked) -> Iterator[str]:
    """Yield what a request says of its operation: "METHOD /path", and each field after it."""
    operation = next(each for each in operations() if each.is_asked_by(asked))
    yield operation.name
    is_json = "json" in asked.headers.get("content-type", "")
    body = asked.json if asked.body and is_json else {}
    for name in {*asked.query, *body} - _PAGED:
        yield f"{operation.name} {name}"


def every_name() -> set[str]:
    return {
        name
        for each in operations()
        for name in (each.name, *(f"{each.name} {part}" for part in each.query | each.body))
    }

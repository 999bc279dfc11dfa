"""Hostile requests, made up from the API's own document and from what attackers try."""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "X")
PAGES = (
    *(
        "/",
        "/login",
        "/services",
        "/hosts",
        "/rollouts",
        "/rollouts/new",
        "/rollouts/plan",
        "/audit",
    ),
    *("/me", "/builds", "/build-servers", "/healthz", "/metrics", "/admin/", "/static/web/app.js"),
    *("/hooks/gitlab", "/hooks/jenkins", "/hooks/generic", "/api", "/api/v1/openapi.json", "/x"),
    *("/services/billing", "/rollouts/1", "/hosts/web-1", "/services/billing/versions/1.0"),
)
EXISTING = ("billing", "prod", "web-1", "default", "main", "1.0", "1", "2", "latest")
WORDS: tuple[Any, ...] = (
    *("", " ", "\0", "a\0b", "\ud800", "\u202e", "é" * 200, "x" * 300, "x" * 5000, "😀" * 100),
    *("../../etc/passwd", "..%2f..%2f", "/", "//", "\\", "%00", "%", "%zz", "'", '"', "`id`"),
    *("$(id)", "; rm -rf /", "' OR 1=1 --", "{{7*7}}", "${jndi:ldap://x}", "<script>", "\r\nX: y"),
    *("http://169.254.169.254/", "file:///etc/passwd", "-1", "0", "1e309", "NaN", "null", "true"),
    *("9" * 30, "99999999999999999999", "9223372036854775808", "*" * 200, "(a+)+$", "[0:99999]"),
    *(None, True, -1, 0, 2**63, 2**64, -(2**63), 1e308, 0.1, [], {}, [[]], {"a": {}}, [None] * 50),
)
RAW = (
    *(b"", b"{", b"[", b"null", b"\xff\xfe", b"\x80", b'{"a":', b"[" * 5000, b'{"a":' * 5000),
    *(b'{"a":"\\ud800"}', b'{"a":NaN}', b"9" * 5000, b"a=b&" * 2000, b"%", b"\0", b"x" * 70_000),
    *(b"[" + b"0," * 20_000 + b"0]", b'"' + b"\\" * 999, "{}".encode("utf-16"), b"--x\r\n\r\n"),
)
TYPES = (
    *("application/json", "application/json; charset=utf-7", "text/plain", "multipart/form-data"),
    *("application/x-www-form-urlencoded", "application/octet-stream", "x/\xff", "", "a" * 500),
)
HEADERS = (
    *(("Accept-Language", "zh-hans"), ("Accept-Language", "x" * 900), ("Cookie", "sessionid=\xff")),
    *(("Cookie", "csrftoken='; sessionid=" + "a" * 500), ("Idempotency-Key", "a" * 300)),
    *(("Idempotency-Key", "k"), ("Last-Event-ID", "9" * 30), ("HX-Request", "true")),
    *(("HX-Current-URL", "//evil/" + "%" * 50), ("Referer", "\xff"), ("Range", "bytes=9-1")),
    *(("X-Forwarded-For", "1.1.1.1"), ("X-Gitlab-Token", "\xe9"), ("X-Slipway-Token", "x")),
    *(("webhook-id", "a"), ("webhook-signature", "v1,\xff"), ("webhook-timestamp", "9" * 30)),
    *(("Accept", "*/" * 200), ("If-Modified-Since", "x"), ("Authorization", "Bearer \xff")),
    *(("Authorization", "Basic Og=="), ("Host", "evil"), ("Host", "[::1"), ("Expect", "x")),
)


@dataclass(frozen=True, slots=True)
class Hostile:
    """One request. `is_in`: with a token that may everything."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_in: bool = False


def hostile(document: Mapping[str, Any], chance: random.Random) -> Iterator[Hostile]:
    """Yield requests for ever."""
    operations = [
        (path, method.upper(), operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        # Streams do not end; they have tests of their own.
        if not path.endswith("/events")
    ]
    schemas = document["components"]["schemas"]
    while True:
        for path, method, operation in operations:
            yield _of_the_api(path, method, operation, schemas, chance)
            if chance.random() < 0.3:
                yield _of_a_page(chance)


def _of_the_api(
    path: str, method: str, operation: Mapping[str, Any], schemas: Any, chance: random.Random
) -> Hostile:
    query = []
    for parameter in operation.get("parameters", ()):
        name, value = parameter["name"], _value(chance)
        if parameter["in"] == "path":
            path = path.replace("{" + name + "}", _quoted(value))
        elif parameter["in"] == "query" and chance.random() < 0.5:
            query.append(f"{name}={_quoted(value)}")
    headers = dict([chance.choice(HEADERS)]) if chance.random() < 0.2 else {}
    body = b""
    if "requestBody" in operation:
        headers.setdefault("Content-Type", _type(chance))
        body = _body(operation["requestBody"]["content"], schemas, chance)
    if chance.random() < 0.05:
        method = chance.choice(METHODS)
    url = f"{path}?{'&'.join(query)}" if query else path
    return Hostile(method, url, headers, body, is_in=chance.random() < 0.7)


def _of_a_page(chance: random.Random) -> Hostile:
    path = chance.choice(PAGES)
    if chance.random() < 0.5:
        path = path.rstrip("/") + chance.choice(
            ("/", "//", "/..", "/.%2e", "/\x00x", "%2f", ";x", "?")
        )
        path = quote(path, safe="/%?;") + _quoted(_value(chance))
    if chance.random() < 0.4:
        path += (
            "&" if "?" in path else "?"
        ) + f"next={_quoted(_value(chance))}&q={_quoted(_value(chance))}"
    headers = dict([chance.choice(HEADERS), ("Content-Type", _type(chance))])
    body = chance.choice(RAW)
    return Hostile(chance.choice(METHODS), path, headers, body)


def _type(chance: random.Random) -> str:
    return TYPES[0] if chance.random() < 0.85 else chance.choice(TYPES)


def _value(chance: random.Random) -> Any:
    return chance.choice(EXISTING) if chance.random() < 0.6 else chance.choice(WORDS)


def _quoted(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def _body(content: Mapping[str, Any], schemas: Any, chance: random.Random) -> bytes:
    if "application/json" not in content or chance.random() < 0.15:
        return chance.choice(RAW)
    schema = content["application/json"]["schema"]
    return json.dumps(_made_of(schema, schemas, chance, 0)).encode("utf-8", "surrogatepass")


def _made_of(schema: Any, schemas: Any, chance: random.Random, depth: int) -> Any:
    """Return a value of the schema, here and there another."""
    if chance.random() < 0.2 or depth > 4:
        return chance.choice(WORDS)
    if "$ref" in schema:
        return _made_of(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas, chance, depth + 1)
    for choices in ("anyOf", "oneOf", "allOf"):
        if choices in schema:
            return _made_of(chance.choice(schema[choices]), schemas, chance, depth + 1)
    return _plain(schema, schemas, chance, depth)


def _plain(schema: Any, schemas: Any, chance: random.Random, depth: int) -> Any:
    match schema.get("type"):
        case "object":
            return {
                name: _made_of(each, schemas, chance, depth + 1)
                for name, each in schema.get("properties", {}).items()
                if name in schema.get("required", ()) or chance.random() < 0.5
            }
        case "array":
            items = schema.get("items", {})
            return [_made_of(items, schemas, chance, depth + 1) for _ in range(chance.randrange(4))]
        case "integer" | "number":
            return chance.choice((1, 2, 8080, -1, 0, 10**6, 2**31, 2**63))
        case "boolean":
            return chance.random() < 0.5
    return chance.choice(schema["enum"]) if "enum" in schema else _value(chance)

"""Reads what a server answers: a document, a refusal in its words, or nothing of ours."""

import json
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any

from slipway_cli.api.advice import command_for
from slipway_cli.errors import Failed, NoAnswer, Refused
from slipway_cli.language import _, joined, understood

MOST_JSON = 256 << 20


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    status: int
    document: Any


def read_answer(response: HTTPResponse) -> HttpAnswer:
    """Read the JSON answer; raise Refused for 4xx and Failed for what is not an answer."""
    with response:
        try:
            body = response.read(MOST_JSON)
        except (HTTPException, OSError) as error:
            raise NoAnswer(_("The connection was lost in the middle of the answer.")) from error
    document = _parsed(body)
    status = response.status
    if status < 300 and (document is not None or not body):
        return HttpAnswer(status, document)
    if 400 <= status < 500 and isinstance(document, dict) and "message" in document:
        raise _refusal(status, document)
    raise _no_answer(response, document)


def _parsed(body: bytes) -> Any:
    try:
        return understood(json.loads(body))
    except ValueError:
        return None


def _refusal(status: int, document: dict[str, Any]) -> Refused:
    hint = _text(document.get("hint"))
    if status == 401 and not hint:
        hint = _("Run `slipway login`, or set SLIPWAY_TOKEN to a token that is still valid.")
    if "slipway " not in hint and (command := command_for(document)):
        hint = joined([hint, _("Look there: `{command}`.", command=command)])
    code = str(document.get("code") or "refused")
    return Refused(_text(document["message"]), hint=hint, code=code, status=status)


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value or "")


def _no_answer(response: HTTPResponse, document: Any) -> Failed:
    status = response.status
    if status >= 500:
        said = document if isinstance(document, dict) else {}
        return Failed(
            _text(said.get("message"))
            or _("The server had a problem (HTTP {status}).", status=status),
            hint=_text(said.get("hint"))
            or _("Ask again; if it stays, look at `slipway doctor` and the server's log."),
            code=str(said.get("code") or "server_failed"),
            status=status,
        )
    if 300 <= status < 400:
        place = response.headers.get("Location", "nowhere")
        return Failed(
            _(
                "The server sends us elsewhere (HTTP {status}, {place}).",
                status=status,
                place=place,
            ),
            hint=_("Use the address that it names, if you trust it."),
            status=status,
        )
    return Failed(
        _("What answers there is not Slipway (HTTP {status}).", status=status),
        hint=_("Check the address (SLIPWAY_URL or `slipway context list`)."),
        status=status,
    )

"""Follows a check of hosts to its end."""

from typing import Any

from slipway_cli.api.client import Client, at
from slipway_cli.errors import Failed
from slipway_cli.language import Text, _, joined
from slipway_cli.printed.render import Column, Row, say

CHECK = (
    Column("host", "host"),
    Column("ok", "ok"),
    Column("host key", "host_key_fingerprint"),
    Column("problem", "message"),
)


def check_hosts(client: Client, wish: dict[str, Any]) -> dict[str, Any]:
    """Ask for a check and return it finished; raise Failed when nobody does it."""
    group: dict[str, Any] = client.post("/checks", wish)
    told: set[str] = set()

    def is_over(found: dict[str, Any]) -> bool:
        for item in found["items"]:
            if item["finished"] and item["host"] not in told:
                told.add(item["host"])
                say(sentence(item))
        return bool(found["finished"])

    late = Failed(
        _("The check has not ended."),
        hint=_("Is a worker running? `slipway doctor` tells. The check goes on by itself."),
        code="check_unfinished",
    )
    return {**group, **client.get_when(is_over, at("checks", group["id"]), late)}


def sentence(item: Row) -> Text:
    """Return what the check of one host found."""
    host, fingerprint = item["host"], item.get("host_key_fingerprint")
    if not item["ok"]:
        return joined([_("{host}: {text}", host=host, text=item["message"]), item.get("hint")])
    key = _("Host key: {fingerprint}", fingerprint=fingerprint) if fingerprint else ""
    notes = [note["message"] for note in item.get("notes", ())]
    return joined([_("{host} answers.", host=host), key, *notes])

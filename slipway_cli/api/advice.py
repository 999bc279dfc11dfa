"""The command that helps where something is not there or is locked: by what the refusal names."""

import re
import shlex
from typing import Any

NOT_FOUND, LOCKED = "not_found", "locked"
# Which values a refusal has, and which command shows what there is.
_LISTS = {
    frozenset({"service"}): "slipway service list",
    frozenset({"service", "version"}): "slipway version list {service}",
    frozenset({"service", "environment"}): "slipway release-rule list --service {service}",
    frozenset({"environment"}): "slipway env list",
    frozenset({"host"}): "slipway host list",
    frozenset({"key"}): "slipway key list",
    frozenset({"build"}): "slipway build list",
    frozenset({"server"}): "slipway build-server list",
    frozenset({"environment", "window"}): "slipway window list {environment}",
    frozenset({"place", "number"}): "slipway rollout show {number}",
}
# Others are told by their word in the sentence.
_WORD = re.compile(r"no\s(?:such\s)?([a-z]+)")
_BY_WORD = {
    "rollout": "slipway rollout list",
    "retention": "slipway retention runs",
    "instance": "slipway instance list",
    "grant": "slipway grant list",
    "token": "slipway token list",
    "user": "slipway user list",
}
_OF_ROLLOUT = "slipway rollout show {number}"


def command_for(refusal: dict[str, Any]) -> str:
    """Return what to type after this refusal of the server; "" where nothing is known."""
    values = refusal.get("values")
    if not isinstance(values, dict):
        return ""
    names = {name: value for name, value in values.items() if isinstance(value, str | int)}
    if refusal.get("code") == LOCKED and "service" in names:
        return "slipway lock list"
    if refusal.get("code") != NOT_FOUND or len(names) != len(values):
        return ""
    template = _LISTS.get(frozenset(names), "") or _by_word(str(refusal["message"]), names)
    return template.format_map({name: shlex.quote(str(value)) for name, value in names.items()})


def _by_word(said: str, names: dict[str, Any]) -> str:
    word = _WORD.search(said)
    if word is None:
        return ""
    return _BY_WORD.get(word[1], "") or (_OF_ROLLOUT if set(names) == {"number"} else "")

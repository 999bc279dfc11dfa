"""What a release spec may say in short, written out as its keys."""

import re
from collections.abc import Mapping

from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid

_PATH = re.compile(r"/\S*")
_URL = re.compile(r"https?://\S+")


def written_out(spec: Mapping[str, object]) -> Mapping[str, object]:
    """Return `spec` with `health: /healthz` as the section that it stands for. Raises Invalid for
    another text: it may be meant as a command as well as an address."""
    said = spec.get("health")
    if not isinstance(said, str) or not said:
        return spec
    if not (_PATH.fullmatch(said) or _URL.fullmatch(said)):
        raise Invalid(
            "{key}: {text} is neither a path nor a URL.",
            hint='Write health: /healthz, or health: {{tcp: "127.0.0.1:${{PORT}}"}}, or'
            " health: {{command: ./bin/check}}.",
            key="health",
            text=shown(said),
        )
    return {**spec, "health": {"http": url_of(said)}}


def url_of(text: str) -> str:
    """Return a path as the URL of it at the instance itself; anything else as it is."""
    return f"http://127.0.0.1:${{PORT}}{text}" if _PATH.fullmatch(text) else text

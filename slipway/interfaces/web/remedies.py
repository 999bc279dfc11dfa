"""What to do next, as pages say it: the page that has the button, not the command that does it."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from slipway.core.sentence import Sentence
from slipway.interfaces.web.saying import said_hint

# A command of ours at the end of a hint, with what leads up to it, in both languages.
_COMMAND = re.compile(
    r"(?:[,;，；]?\s*(?:[Tt]hen|然后执行|然后运行)?\s*[:：]\s*)"
    r"slipway (?:host|rollout) [^.。]*[.。]?\s*$"
)
_ROLLOUT = "slipway rollout "
_HOST = "slipway host "
_LEARN = "--accept-key"


@dataclass(frozen=True, slots=True)
class Remedy:
    """`link` leads to where the button is; "" where the hint names no command of ours."""

    hint: str = ""
    link: str = ""
    link_text: str = ""


def remedy_of(sentence: Sentence | None) -> Remedy:
    """Return what `sentence` advises, with a link in the place of a command."""
    hint = said_hint(sentence)
    if sentence is None or not _COMMAND.search(hint):
        return Remedy(hint)
    link, text = _door(sentence)
    rest = _COMMAND.sub("", hint).rstrip()
    return Remedy(_ended(rest), link, text) if link else Remedy(hint)


def _door(sentence: Sentence) -> tuple[str, str]:
    values = dict(sentence.values)
    if _ROLLOUT in sentence.hint and (number := values.get("number")):
        return f"/rollouts/{number}", _("Rollout #%(number)s") % {"number": number}
    if _HOST in sentence.hint and (host := _host_of(sentence)):
        text = _("Learn the key of %(host)s") if _LEARN in sentence.hint else _("Check %(host)s")
        return f"/hosts/{host}", text % {"host": host}
    return "", ""


def _host_of(sentence: Sentence) -> str:
    """Return the host a sentence names, however deep."""
    for name, value in sentence.values:
        if name == "host" and isinstance(value, str):
            return value
        if isinstance(value, Sentence) and (found := _host_of(value)):
            return found
    return ""


def _ended(text: str) -> str:
    if not text or text[-1] in ".。?？!":
        return text
    return f"{text}。" if "\u4e00" <= text[-1] <= "\u9fff" else f"{text}."

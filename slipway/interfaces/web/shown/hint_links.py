"""What to do next, as pages say it: the page that has the button, not the command that does it."""

import re
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence
from slipway.interfaces.web.frame.readers import Reader
from slipway.interfaces.web.frame.saying import said_hint
from slipway.records.rollouts.plan.remedies import host_of

# A command of ours at the end of a hint, with what leads up to it, in both languages.
_COMMAND = re.compile(
    r"(?:[,;，；]?\s*(?:[Tt]hen|然后执行|然后运行)?\s*[:：]\s*)"
    r"slipway (?:host|rollout) (?:[^.。]|\.(?=\S))*[.。]?\s*$"
)
_ROLLOUT = "slipway rollout "
_HOST = "slipway host "
_CHANGE = "slipway host change "
_LEARN = "--accept-key"
_SPEC = "release spec"  # as it is said, or as the hint says it
_RULES = ("freeze_window", "approval_needed", "below_floors")
_OF_HOSTS = ("host_unreachable", "host_incapable", "host_in_maintenance")


@dataclass(frozen=True, slots=True)
class Remedy:
    """`link` leads to where the button is; "" where the hint names no command of ours."""

    hint: str = ""
    link: str = ""
    link_text: str = ""


@dataclass(frozen=True, slots=True)
class _Door:
    """Where the button is, and the right that it takes."""

    link: str
    text: str
    action: Action
    is_of_service: bool = False


def remedy_of(sentence: Sentence | None, reader: Reader) -> Remedy:
    """Return what `sentence` advises, with a link in the place of a command; to whoever may not
    press what it leads to, with who may. What names no command leads to where one looks."""
    hint = said_hint(sentence)
    door = _door(sentence) if sentence is not None and _COMMAND.search(hint) else None
    if door is None:
        return replace(_place(sentence, reader), hint=hint)
    rest = _ended(_COMMAND.sub("", hint).rstrip())
    at = reader if door.is_of_service else replace(reader, service="")
    if at.may(door.action):
        return Remedy(rest, door.link, door.text)
    return Remedy(f"{rest} {at.whom_to_ask(door.action)}".strip())


def spec_address(service: str, back: str = "") -> str:
    """Return where a service's release spec is changed; `back` is where that leads on to."""
    return f"/services/{service}/spec" + (f"?{urlencode({'next': back})}" if back else "")


def _place(sentence: Sentence | None, reader: Reader) -> Remedy:
    """Return the link to the page of what stands in the way."""
    code = sentence.code if sentence else ""
    if code == "locked" and reader.service:
        text = _("Locks of %(service)s") % {"service": reader.service}
        return Remedy(link=f"/services/{reader.service}", link_text=text)
    if code in _RULES:
        text = _("Rules of %(environment)s") % {"environment": reader.environment}
        return Remedy(link=f"/environments/{reader.environment}", link_text=text)
    if sentence is not None and reader.service and _speaks_of_the_spec(sentence):
        text = _("Release spec of %(service)s") % {"service": reader.service}
        return Remedy(link=spec_address(reader.service, reader.back), link_text=text)
    if sentence is not None and code in _OF_HOSTS and (host := host_of(sentence)):
        return Remedy(link=f"/hosts/{host}", link_text=_("Host %(host)s") % {"host": host})
    return Remedy()


def _speaks_of_the_spec(sentence: Sentence) -> bool:
    return _SPEC in sentence.english_hint or _SPEC in sentence.template


def _door(sentence: Sentence) -> _Door | None:
    values = dict(sentence.values)
    command = sentence.english_hint  # also where it is what a sentence within this one advises
    if _ROLLOUT in command and (number := values.get("number")):
        text = _("Rollout #%(number)s") % {"number": number}
        return _Door(f"/rollouts/{number}", text, Action.DEPLOY, is_of_service=True)
    if _HOST in command and (host := host_of(sentence)):
        if _CHANGE in command:
            change = _("Change %(host)s") % {"host": host}
            return _Door(f"/hosts/{host}/change", change, Action.MANAGE_HOST)
        if _LEARN in command:
            learn = _("Learn the key of %(host)s") % {"host": host}
            return _Door(f"/hosts/{host}", learn, Action.MANAGE_HOST)
        return _Door(f"/hosts/{host}", _("Check %(host)s") % {"host": host}, Action.DEPLOY)
    return None


def _ended(text: str) -> str:
    if not text or text[-1] in ".。?？!":
        return text
    return f"{text}。" if "\u4e00" <= text[-1] <= "\u9fff" else f"{text}."

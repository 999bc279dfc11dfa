"""What a webhook of anybody's own says: that a ref was pushed, or that a build has moved on."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid

_KEYS = ("service", "event", "ref", "commit", "build")


class NoticeEvent(StrEnum):
    PUSH = "push"  # a version of the ref is wanted
    BUILD = "build"  # look at the build of that id


@dataclass(frozen=True, slots=True)
class GenericNotice:
    """`build`: the id by which the service's build server knows it; "" for a push."""

    event: NoticeEvent
    ref: str
    commit: str
    build: str


def parse_generic(body: object) -> GenericNotice:
    """Return what `{"service", "event": "push"|"build", "ref", "commit", "build"}` says. Raises
    Invalid."""
    values = _texts(body)
    unknown = values.keys() - set(_KEYS)
    if unknown:
        raise Invalid(
            "A notice has no key {key}.",
            hint="It has: {known}.",
            key=shown(min(unknown)),
            known=", ".join(_KEYS),
        )
    if not values.get("service"):
        raise Invalid("A notice says which service it is about: its key service is missing.")
    event = values.get("event", "")
    if event not in tuple(NoticeEvent):
        raise Invalid("The event of a notice is push or build.")
    notice = GenericNotice(
        NoticeEvent(event), values.get("ref", ""), values.get("commit", ""), values.get("build", "")
    )
    if notice.event is NoticeEvent.BUILD and not notice.build:
        raise Invalid("A notice of a build says which: its key build is missing.")
    if notice.event is NoticeEvent.PUSH and not notice.ref:
        raise Invalid("A notice of a push says which: its key ref is missing.")
    return notice


def _texts(body: object) -> Mapping[str, str]:
    if not isinstance(body, Mapping):
        raise Invalid("A notice is an object with a service and an event.")
    texts = {str(key): value for key, value in body.items()}
    for key, value in texts.items():
        if not isinstance(value, str) or not value.isprintable() or len(value) > 512:
            raise Invalid("The key {key} of a notice is a line of text.", key=shown(key))
    return texts

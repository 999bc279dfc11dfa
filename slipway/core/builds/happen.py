"""What happens to a build: what was known of it, an event, and what is known then."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from slipway.core.builds.decide import pause_after
from slipway.core.builds.state import BuildStage, BuildState, SeenStatus
from slipway.core.words.sentence import Sentence

LONGEST_RETRY = timedelta(minutes=15)  # whatever a server asks for


class BuildHappening(Enum):
    ORDERED = auto()  # about to be started: written down first, so that it is looked for
    UNSURE = auto()  # nobody answered the order: from now on it is looked for, long enough
    NOT_SENT = auto()  # nothing of the order reached the server: nothing is to be looked for
    NOTHING_FOUND = auto()  # the server answered; why the order went wrong stays known
    FETCHING = auto()
    CANCELLED = auto()  # the server has taken the wish; it may have ended just before: look again
    FORGOTTEN = auto()  # by the server, when it was over: no late success can come


@dataclass(frozen=True, slots=True)
class BuildStarted:
    """The server calls it so."""

    external_id: str


@dataclass(frozen=True, slots=True)
class BuildSeen:
    """The server says how far it is."""

    external_id: str
    status: SeenStatus
    says: Sentence | None


@dataclass(frozen=True, slots=True)
class BuildUnanswered:
    """A question was not answered: it is asked again, later and later."""

    problem: Sentence
    retry_after: timedelta | None = None


BuildEvent = BuildHappening | BuildStarted | BuildSeen | BuildUnanswered


def happened(build: BuildState, event: BuildEvent, now: datetime) -> BuildState:
    """Return what is known after it."""
    answered: dict[str, Any] = {"trouble": 0, "retry_at": None, "looked_at": now}
    match event:
        case BuildStarted(external_id):
            known = replace(build, **answered, external_id=external_id, problem=None)
            return replace(known, stage=BuildStage.WATCHED, looked_at=None)
        case BuildSeen(external_id, status, says):
            is_late = build.stage is BuildStage.OVER and status is SeenStatus.SUCCESS
            known = replace(build, **answered, external_id=external_id, problem=None)
            return replace(known, seen=status, says=says, late=build.late or is_late)
        case BuildUnanswered(problem, retry_after):
            trouble = build.trouble + 1
            pause = max(pause_after(trouble), min(retry_after or timedelta(), LONGEST_RETRY))
            changes: dict[str, Any] = {
                "trouble": trouble,
                "looked_at": now,
                "retry_at": now + pause,
            }
            return replace(build, **changes, problem=problem)
    changes_by: dict[BuildHappening, dict[str, Any]] = {
        BuildHappening.ORDERED: {
            "stage": BuildStage.ORDERED, "ordered_at": now, "starts": build.starts + 1
        },
        BuildHappening.UNSURE: {"ordered_at": now},
        BuildHappening.NOT_SENT: {"stage": BuildStage.WANTED, "starts": build.starts - 1},
        BuildHappening.NOTHING_FOUND: answered,
        BuildHappening.FETCHING: {"stage": BuildStage.FETCHING},
        BuildHappening.CANCELLED: {**answered, "looked_at": None, "cancelled": True},
        BuildHappening.FORGOTTEN: {"external_id": ""},
    }  # fmt: skip
    return replace(build, **changes_by[event])

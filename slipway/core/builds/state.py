"""What is known of a build, and how far it has come."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from slipway.core.words.sentence import Sentence
from slipway.core.words.versions import VersionStatus

# How long a build that we may have started is looked for, before it is ordered again. Longer than
# a server may go on working at an order whose sender has given up.
SEARCH_TIME = timedelta(seconds=60)


class SeenStatus(StrEnum):
    """How far a build server says a build is."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        return self in (SeenStatus.SUCCESS, SeenStatus.FAILED, SeenStatus.CANCELLED)


class BuildStage(StrEnum):
    WANTED = "wanted"  # nothing was asked of the server yet
    ORDERED = "ordered"  # about to be started, or started, and its id not known
    WATCHED = "watched"  # it has an id
    FETCHING = "fetching"  # it ended well, its package is on the way
    OVER = "over"


@dataclass(frozen=True, slots=True)
class BuildState:
    """What is known of a build. `looked_at`: last asked, answered or not; `trouble` counts the
    questions in a row that were not answered."""

    stage: BuildStage
    created_at: datetime
    deadline_at: datetime
    ordered_at: datetime | None = None
    starts: int = 0
    seen: SeenStatus | None = None
    looked_at: datetime | None = None
    trouble: int = 0
    retry_at: datetime | None = None  # not earlier
    cancel_wished_at: datetime | None = None
    cancelled: bool = False  # the server took the wish
    finished_at: datetime | None = None
    status: VersionStatus = VersionStatus.PENDING
    external_id: str = ""  # what the server calls it
    search_time: timedelta = SEARCH_TIME
    ours: bool = True  # asked for here: what others started, only a person ends
    late: bool = False  # a success that came after the end is written down
    says: Sentence | None = None  # what is under way there, or why it failed
    problem: Sentence | None = None  # of the last question that was not answered

    @property
    def has_succeeded(self) -> bool:
        return self.stage is BuildStage.WATCHED and self.seen is SeenStatus.SUCCESS

    @property
    def has_ended_badly(self) -> bool:
        """Without our doing: one that we have cancelled is over for our reason."""
        by_us = self.cancelled and self.seen is SeenStatus.CANCELLED
        return self.seen in (SeenStatus.FAILED, SeenStatus.CANCELLED) and not by_us

    def has_asked_since(self, moment: datetime) -> bool:
        return self.looked_at is not None and self.looked_at >= moment

    @property
    def answered_at(self) -> datetime | None:
        """When the server last answered; None while it does not."""
        return None if self.trouble else self.looked_at

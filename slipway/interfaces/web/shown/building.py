"""How a build stands: the one sentence of it, and what a list and a page show of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from slipway.core.builds.state import BuildStage, SeenStatus
from slipway.core.spec.hidden_values import without_credentials
from slipway.core.words.versions import VersionStatus
from slipway.interfaces.web.frame import saying
from slipway.interfaces.web.frame.words import FAIL, OK, RUN, WAIT, WARN
from slipway.interfaces.web.shown.headline import Headline
from slipway.records.accounts.rights import SYSTEM
from slipway.records.rows.facts import read_as

if TYPE_CHECKING:
    from slipway.records.builds.build_facts import BuildFacts

_STARTED_THERE = "server"  # originator of what others start on the build server


@dataclass(frozen=True, slots=True)
class Trouble:
    """A question that the build server did not answer, and when it is asked again."""

    message: str
    hint: str
    again: str


@dataclass(frozen=True, slots=True)
class BuildRow:
    """A build in a list. `status` is a word of VersionStatus."""

    id: int
    service: str
    version: str
    ref: str
    commit: str
    status: str
    doing: str
    reason: str
    duplicate_of: str
    has_late: bool
    server: str
    by: str
    url: str
    created_at: datetime
    took: timedelta | None


def row_of_build(build: "BuildFacts", now: datetime) -> BuildRow:
    """Return the row of a build."""
    return read_as(
        BuildRow,
        build,
        status=build.status.word,
        doing="" if build.is_over else sentence_of_build(build, now).now,
        reason=saying.said(build.reason),
        has_late=build.late_at is not None,
        by=asker_of(build),
        url=web_address(build.url),
        took=(build.finished_at or now) - build.created_at,
    )


def asker_of(build: "BuildFacts") -> str:
    """Return who wanted the build."""
    if not build.by and build.originator == _STARTED_THERE and build.server:
        return _("started on %(server)s") % {"server": build.server}
    return build.by or SYSTEM


def web_address(url: str) -> str:
    """Return `url` when it can be a link, without any credentials, "" for anything else."""
    url = without_credentials(url, instead="")
    return url if url.startswith(("https://", "http://")) else ""


def trouble_of(build: "BuildFacts", now: datetime) -> Trouble | None:
    """Return what the build server does not answer, while the build is under way."""
    if build.is_over or not build.trouble or not build.problem:
        return None
    seconds = max(0, round((build.retry_at - now).total_seconds())) if build.retry_at else 0
    again = _("It is asked again just now.")
    if seconds:
        again = _("It is asked again in %(n)s s.") % {"n": seconds}
    if build.trouble > 1:
        again += " " + _("%(n)s questions in a row had no answer.") % {"n": build.trouble}
    return Trouble(saying.said(build.problem), saying.said_hint(build.problem), again)


def sentence_of_build(build: "BuildFacts", now: datetime) -> Headline:
    """Return what there is to say of a build at this moment."""
    if build.is_over:
        return _ended(build)
    if build.cancel_requested_at is not None:
        why = _("It is ended on %(server)s, too.") % _place(build)
        return Headline(WARN, "stop", _("Being cancelled."), why, _("It ends by itself."))
    match build.stage:
        case BuildStage.WANTED:
            return _wanted(build)
        case BuildStage.ORDERED:
            return _ordered(build)
        case BuildStage.FETCHING:
            said = _("Built. Its package is being fetched from %(server)s.") % _place(build)
            return Headline(RUN, "download", said, next=_("Nothing for you to do."))
        case _:
            return _watched(build)


def _wanted(build: "BuildFacts") -> Headline:
    if build.trouble:
        said = _("Waiting for %(server)s, which takes no order now.") % _place(build)
        return Headline(WARN, "clock", said, next=_("It begins by itself as soon as it does."))
    return Headline(
        WAIT,
        "clock",
        _("Waiting for a worker."),
        next=_("It begins by itself as soon as one is free."),
    )


def _ordered(build: "BuildFacts") -> Headline:
    said = _("Ordered from %(server)s, which has not said its number yet.") % _place(build)
    why = ""
    if build.trouble or build.starts > 1:
        why = _("Nobody knows whether the order arrived: it is looked for before it is repeated.")
    return Headline(RUN, "clock", said, why, _("Nothing for you to do."))


def _watched(build: "BuildFacts") -> Headline:
    place = _place(build)
    says = saying.said(build.says.closed if build.says else None)
    nothing = _("Nothing for you to do.")
    match build.seen:
        case SeenStatus.RUNNING:
            return Headline(RUN, "tool", _("Building on %(server)s.") % place, says, nothing)
        case SeenStatus.SUCCESS:
            said = _("Built on %(server)s. Its package comes next.") % place
            return Headline(RUN, "download", said, "", nothing)
        case SeenStatus.WAITING:
            said = _("Waiting on %(server)s for somebody to build it.") % place
            return Headline(WAIT, "clock", said, says, _("It begins there by itself."))
        case _:
            return Headline(RUN, "clock", _("Ordered from %(server)s.") % place, says, nothing)


def _ended(build: "BuildFacts") -> Headline:
    reason, hint = saying.said(build.reason), saying.said_hint(build.reason)
    match build.status:
        case VersionStatus.SUCCESS:
            said = _("Ready: the package is here, and was checked.")
            return Headline(OK, "check", said)
        case VersionStatus.DUPLICATE:
            other = build.duplicate_of
            link = f"/services/{build.service}/versions/{other}" if other else ""
            text = _("Look at %(version)s") % {"version": other} if other else ""
            return Headline(WAIT, "copy", _("A duplicate."), reason, hint, link, text)
        case VersionStatus.TIMEOUT:
            advice = hint or _("Allow it more time, or look at its log for what it waits for.")
            if build.late_at:
                advice = ""
            return Headline(WARN, "clock", _("It took too long."), reason, advice)
        case _:
            advice = hint or _("Look at the log, mend it, and build again.")
            if build.cancel_requested_at is not None:
                return Headline(WAIT, "stop", reason or _("It was cancelled."))
            said = reason or _("It failed.")
            return Headline(FAIL, "alert", said, _last_word(build, said), advice)


def _last_word(build: "BuildFacts", said: str) -> str:
    """Return the server's own line of how it ended, where it says more than we do."""
    has_ended = build.seen in (SeenStatus.FAILED, SeenStatus.CANCELLED)
    says = saying.said(build.says)
    return says if has_ended and says not in said else ""


def _place(build: "BuildFacts") -> dict[str, str]:
    return {"server": build.server or _("the build server")}

"""Whole logs to keep: streamed as text, a part at a time, however long they are."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC
from functools import partial

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.interfaces.downloads import in_pieces, streamed
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.sentences import Narrowed
from slipway.interfaces.web.frame import pages
from slipway.interfaces.web.frame.saying import teller
from slipway.records.builds.queries.builds import LogPage, get_build, get_log
from slipway.records.rollouts.ask.parts import every_line
from slipway.records.rollouts.ask.queries import get_rollout
from slipway.records.rollouts.rollout_facts import LineFacts
from slipway.records.rows.sentences import Tell


@require_GET
def rollout_log(request: HttpRequest, rollout_id: int) -> HttpResponseBase:
    """Send the log of a rollout, in the reader's language, its times in UTC."""
    actor = asker(request)
    try:
        rollout = get_rollout(rollout_id, actor)
    except Refused as refused:
        return pages.refusal(request, refused)
    tell: Tell = teller(get_language() or settings.LANGUAGE_CODE, timezone.get_current_timezone())
    if not actor.may(Action.VIEW_HOST, environment=rollout.environment.name):
        tell = Narrowed(tell)
    return _text(request, in_pieces(_told(every_line(rollout), tell)), f"rollout-{rollout.pk}.log")


@require_GET
def build_log(request: HttpRequest, build_id: int) -> HttpResponseBase:
    """Send what a build has printed so far, as it printed it."""
    try:
        build = get_build(build_id, asker(request))
    except Refused as refused:
        return pages.refusal(request, refused)
    return _text(request, _printed(partial(get_log, build)), f"build-{build.pk}.log")


def _told(lines: Iterable[LineFacts], tell: Tell) -> Iterator[str]:
    for line in lines:
        text = tell("text", line.sentence, line.text)["text"]
        place = f"{line.place}  " if line.place else ""
        yield f"{line.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}  {place}{text}\n"


def _printed(read: Callable[[int], LogPage]) -> Iterator[str]:
    start = 0
    while text := (page := read(start)).text:
        yield text
        start = page.next


def _text(request: HttpRequest, pieces: Iterator[str], filename: str) -> HttpResponseBase:
    try:
        answer = streamed(request, (piece.encode() for piece in pieces), reads_rows=True)
    except Refused as refused:
        return pages.refusal(request, refused)
    answer.headers["Content-Type"] = "text/plain; charset=utf-8"
    answer.headers["Content-Disposition"] = content_disposition_header(True, filename) or ""
    answer.headers["Cache-Control"] = "no-store"
    return answer

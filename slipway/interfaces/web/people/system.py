"""The installation itself: what its checks find, with what helps, and who works."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from slipway import __version__
from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.interfaces.doctor.findings import findings
from slipway.interfaces.doctor.verdicts import DoctorFinding
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import notes, pages
from slipway.interfaces.web.frame.explained import CHECKS
from slipway.interfaces.web.frame.readers import Reader
from slipway.interfaces.web.frame.saying import said
from slipway.interfaces.web.shown.hint_links import Remedy, remedy_of
from slipway.records.rollouts.ask.driving import WorkerAtWork, list_workers_at_work
from slipway.records.rollouts.operations import claims


@dataclass(frozen=True, slots=True)
class FoundView:
    """One check: `code` is what it is called by programs, `more` where it is explained."""

    code: str
    is_well: bool
    message: str
    remedy: Remedy
    more: str


@require_GET
@pages.answered
def show_system(request: HttpRequest) -> HttpResponse:
    """Look at everything this installation needs, as `doctor` does, for those who may ask that."""
    actor, now = asker(request), timezone.now()
    actor.require(Action.MANAGE_ENVIRONMENT)
    reader = Reader(actor, "")
    found = [_view(each, reader) for each in findings(now)]
    workers = list_workers_at_work(now)
    wrong = [each for each in found if not each.is_well]
    return pages.show(
        request,
        "web/system.html",
        section="system",
        answer=_answer(len(wrong), len(found)),
        wrong=wrong,
        well=[each for each in found if each.is_well],
        workers=workers,
        workers_more=workers.total - len(workers),
        heard=sum(each.is_heard for each in workers),
        busy=sum(len(each.rollouts) + len(each.builds) for each in workers if each.is_heard),
        silent=_silent(workers),
        version=__version__,
        looked_at=now,
    )


@require_POST
@pages.answered
def raise_claims(request: HttpRequest) -> HttpResponse:
    """Let our next claims be above those of ours that hosts have heard."""
    actor = asker(request)
    actor.require(Action.MANAGE_ENVIRONMENT)
    reason = pages.typed(request, "reason")
    try:
        raised = claims.raise_claims(by=actor, now=timezone.now(), reason=reason)
    except Refused as refused:
        notes.leave(request, notes.note_of(refused))
        notes.keep_typed(request)
        return HttpResponseRedirect("/system")
    notes.forget_typed(request)
    numbers = {"before": raised.before, "after": raised.after}
    said_so = _("Claims go on above %(after)s; the last one was %(before)s.") % numbers
    notes.leave_done(request, said_so, _("Rollouts that hosts refused go on by themselves."))
    return HttpResponseRedirect("/system")


def _view(finding: DoctorFinding, reader: Reader) -> FoundView:
    remedy = remedy_of(finding.said, reader)
    more = CHECKS.get(finding.code, "")
    return FoundView(finding.code, finding.ok, said(finding.said), remedy, more)


def _answer(wrong: int, total: int) -> str:
    if not wrong:
        return _("All is well.")
    return ngettext(
        "%(wrong)s of %(total)s checks found something.",
        "%(wrong)s of %(total)s checks found something.",
        wrong,
    ) % {"wrong": wrong, "total": total}


def _silent(workers: Sequence[WorkerAtWork]) -> int:
    """Return how many are silent and were not yet declared dead: what they have waits."""
    return sum(not each.is_heard and not each.is_dead for each in workers)

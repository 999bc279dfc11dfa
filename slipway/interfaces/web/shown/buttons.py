"""What a person can do with a rollout: which buttons there are, and what they do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from slipway.core.rollout.value.questions import ANSWERS, Answer
from slipway.core.words.kinds import FORTH, RolloutKind, RolloutStatus
from slipway.core.words.names import place_name
from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import notes, pages
from slipway.records.rollouts.ask.parts import get_target
from slipway.records.rollouts.ask.queries import get_rollout
from slipway.records.rollouts.needs.standing import Standing
from slipway.records.rollouts.operations import answers, returns, steering

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor

# They begin nothing, and are never kept from anybody by a name to type.
_ENDINGS: dict[str, Callable[..., Any]] = {
    "pause": steering.pause_rollout,
    "cancel": steering.cancel_rollout,
}
_BEGINNINGS: dict[str, Callable[..., Any]] = {
    "resume": steering.resume_rollout,
    "promote": steering.promote_rollout,
    "retry": returns.retry_rollout,
    "rollback": returns.roll_back,
    "without": partial(answers.answer_question, answer=Answer.WITHOUT.value),
}
_ONWARD = ("promote", "resume", "without")


@dataclass(frozen=True, slots=True)
class Button:
    """`question` is asked first where it is not "", and `confirm` is to be typed for a yes.
    `blocked` says why it cannot be pressed now."""

    name: str
    label: str
    icon: str
    key: str = ""
    style: str = ""
    question: str = ""
    consequence: str = ""
    confirm: str = ""
    blocked: str = ""

    @property
    def goes_on(self) -> bool:
        """Whether a rollout that waits for somebody goes on by it."""
        return self.name in _ONWARD and not self.blocked


def buttons_of(standing: Standing, actor: "Actor") -> list[Button]:
    """Return the buttons that `actor` sees; whoever may not act sees none."""
    names = {"service": standing.service, "environment": standing.environment}
    if not actor.may(Action.DEPLOY, **names):
        return []
    if standing.state.is_over:
        return list(_afterwards(standing))
    return list(_meanwhile(standing))


def _meanwhile(standing: Standing) -> Iterator[Button]:
    why = _("It is being cancelled.") if standing.is_ending else ""
    if standing.kind in FORTH:
        yield Button(
            "rollback",
            _("Roll back"),
            "back",
            "R",
            "danger",
            blocked=_("Cancel it first: then what was touched can go back."),
        )
    yield Button(
        "cancel",
        _("Cancel the rollout"),
        "stop",
        question=_("Cancel this rollout?"),
        consequence=_("Hosts at work finish; every host stays at its old or its new version."),
        blocked=why,
    )
    asked = standing.question
    if asked and Answer.WITHOUT in ANSWERS[asked.code]:
        button = Button("without", _("Go on without them"), "forward", blocked=why)
        yield _guarded(standing, button)
    if standing.state is RolloutStatus.PAUSED:
        yield _guarded(standing, Button("resume", _("Go on"), "play", "C", "primary", blocked=why))
        return
    yield Button("pause", _("Pause"), "pause", "P", blocked=why)
    if standing.waits_for_promotion:
        yield _promotion(standing, why)


def _promotion(standing: Standing, blocked: str) -> Button:
    number = {"n": standing.gate + 1}
    button = Button(
        "promote",
        _("Go on with batch %(n)s") % number,
        "forward",
        "C",
        "primary",
        question=_("Let batch %(n)s begin?") % number,
        blocked=blocked,
    )
    return _guarded(standing, button)


def _guarded(standing: Standing, button: Button) -> Button:
    """What changes hosts asks first where the environment is guarded: a key is pressed quickly."""
    if not standing.is_guarded:
        return replace(button, question="")
    where = {"environment": standing.environment}
    return replace(
        button,
        question=button.question or _("%(what)s?") % {"what": button.label},
        consequence=_("It changes hosts in %(environment)s.") % where,
        confirm=standing.service,
    )


def _afterwards(standing: Standing) -> Iterator[Button]:
    if standing.is_past:
        return  # what is now is the work of another one, which has buttons of its own
    is_first = standing.kind is RolloutKind.DEPLOY
    # Who went back and wants forward again upgrades: there the version's record is seen.
    can_go_back = standing.kind in FORTH and standing.has_owing and not standing.rollback
    if standing.done < standing.total and not standing.rollback:
        yield _guarded(standing, Button("retry", _("Retry what did not succeed"), "retry"))
    if can_go_back:
        yield Button(
            "rollback",
            _("Roll back"),
            "back",
            "R",
            # Where all went well it is a way out, and not what one came for.
            "" if standing.done == standing.total else "danger",
            question=_("Remove again what was deployed?") if is_first else _("Roll back?"),
            confirm=standing.service if standing.is_guarded else "",
            consequence=_back_from(standing.kind),
        )


def _back_from(kind: RolloutKind) -> str:
    if kind is RolloutKind.DEPLOY:  # most of what it brought stood nowhere before
        return _(
            "An instance that was not there before is removed again; one that was goes back to its"
            " own earlier version."
        )
    return _("Every instance that was touched goes back to its own earlier version.")


@require_POST
@pages.answered
def say_gone(request: HttpRequest, rollout_id: int, target_id: int) -> HttpResponse:
    """Say that an instance of which nothing is known will not come back."""
    actor = asker(request)
    rollout = get_rollout(rollout_id, actor)
    actor.require(Action.DEPLOY, service=rollout.service.name, environment=rollout.environment.name)
    target = get_target(rollout, target_id)
    return pages.attempt(
        request,
        lambda: answers.say_gone(
            rollout=rollout,
            place=place_name(target.host.name, target.port),
            by=actor,
            now=timezone.now(),
            confirm=pages.typed(request, "confirm"),
            reason=pages.typed(request, "reason"),
        ),
        back=f"/rollouts/{rollout.pk}",
    )


@require_POST
@pages.answered
def press(request: HttpRequest, rollout_id: int, name: str) -> HttpResponse:
    """Do what a button says; retry and rollback lead to the board of the new rollout."""
    actor = asker(request)
    rollout = get_rollout(rollout_id, actor)
    actor.require(Action.DEPLOY, service=rollout.service.name, environment=rollout.environment.name)
    said = {"reason": pages.typed(request, "reason")}
    if name in _BEGINNINGS:
        said["confirm"] = pages.typed(request, "confirm")
    try:
        change = (_ENDINGS | _BEGINNINGS)[name]
        changed = change(rollout=rollout, by=actor, now=timezone.now(), **said)
    except Refused as refused:
        notes.leave(request, notes.note_of(refused))
        changed = rollout
    return HttpResponseRedirect(f"/rollouts/{getattr(changed, 'pk', rollout.pk)}")

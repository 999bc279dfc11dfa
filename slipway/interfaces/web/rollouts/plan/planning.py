"""The page of a new rollout: plan before act, recomputed on every change."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from slipway.core.rollout.plans.outlook import Outlook
from slipway.core.words.durations import format_duration
from slipway.core.words.kinds import FORTH, RolloutKind
from slipway.core.words.refusal import Invalid, Refused
from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import notes, pages
from slipway.interfaces.web.frame.choosing import Choice, choice_of, choice_of_versions
from slipway.interfaces.web.frame.notes import Note
from slipway.interfaces.web.frame.readers import Reader
from slipway.interfaces.web.frame.saying import said
from slipway.interfaces.web.frame.words import FAIL, OK, WARN, word
from slipway.interfaces.web.rollouts.plan.outlook import PlanView, view_of
from slipway.interfaces.web.rollouts.plan.wish import Form, choices_of, wish_of
from slipway.interfaces.web.shown.commits import ASKING, ShownChanges, changes_between
from slipway.interfaces.web.shown.matrix import instance_tick
from slipway.records.catalog.queries.services import service_names
from slipway.records.fleet.queries import list_environments
from slipway.records.fleet.reach import sees_machine
from slipway.records.rollouts.ask.changes import changes_of
from slipway.records.rollouts.operations.shown_plans import show_plan as show_and_keep
from slipway.records.rollouts.operations.starts import start_rollout
from slipway.records.rollouts.wish.choices import Choices

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor

_HOSTS = 200  # that are listed at once to be chosen
_NOTHING_TO_DO = "nothing_to_do"


@dataclass(frozen=True, slots=True)
class HostChoice:
    name: str
    chosen: bool
    mark: str
    title: str


@require_http_methods(["GET", "POST"])
@pages.answered
def new_rollout(request: HttpRequest) -> HttpResponse:
    """Show the form with its plan; a POST starts what was planned."""
    if request.method == "GET":
        return _page(request, Form.read(request.GET))
    form, actor = Form.read(request.POST), asker(request)
    try:
        choices = choices_of(form, actor)
        _require_complete(form, choices, actor)
        rollout = start_rollout(
            wish=wish_of(form, choices, actor),
            by=actor,
            now=timezone.now(),
            plan_hash=form.texts["plan_hash"],
            reason=form.texts["reason"],
            confirm=form.texts["confirm"],
        )
    except Refused as refused:
        return _page(request, form, refused)
    return HttpResponseRedirect(f"/rollouts/{rollout.pk}")


@require_POST
@pages.answered
def show_plan(request: HttpRequest) -> HttpResponse:
    """Answer with the page for a form as it is now; only the plan is kept, for an hour."""
    return _page(request, Form.read(request.POST))


def _require_complete(form: Form, choices: Choices, actor: "Actor") -> None:
    service, environment = choices.service, choices.environment
    if service is None or environment is None:
        raise Invalid("Choose a service and an environment.")
    actor.require(Action.DEPLOY, service=service.name, environment=environment.name)


def _page(request: HttpRequest, form: Form, refused: Refused | None = None) -> HttpResponse:
    actor = asker(request)
    places = _places(form.texts["service"], actor)
    form = _in_the_only_place(form, places)
    choices = choices_of(form, actor)
    plan, refusal = None, refused
    if choices.service and choices.environment and _has_hosts(form, choices):
        try:
            plan = show_and_keep(wish=wish_of(form, choices, actor), now=timezone.now(), by=actor)
        except Refused as found:
            refusal = refusal or found
    changes = _changes(plan, choices) if plan else []
    return pages.show(
        request,
        "web/wish.html",
        section="rollouts",
        status=notes.status_of(refused) if refused else 200,
        form=_with_defaults(form, choices),
        kinds=list(RolloutKind),
        services=choice_of(
            service_names(actor), form.texts["find_service"], [form.texts["service"]]
        ),
        environments=places,
        versions=_versions(form, choices),
        needs_version=choices.kind.moves_version,
        host_choices=_host_choices(form, choices, actor),
        defaults=choices.environment,
        bake_time=_bake_time(choices),
        plan=_view(plan, form, choices, actor) if plan else None,
        changes=changes,
        is_asking=any(each.state == ASKING for each in changes),
        refusal=_note(refusal) if refusal else None,
        missing=_missing(choices),
        may_start=_may_start(choices, actor),
    )


def _may_start(choices: Choices, actor: "Actor") -> bool:
    service, environment = choices.service, choices.environment
    if service is None or environment is None:
        return False
    return actor.may(Action.DEPLOY, service=service.name, environment=environment.name)


def _has_hosts(form: Form, choices: Choices) -> bool:
    return form.chooses_hosts or choices.kind is not RolloutKind.DEPLOY


def _note(refused: Refused) -> Note:
    note = notes.note_of(refused)
    return replace(note, mark=OK if refused.code == _NOTHING_TO_DO else FAIL)


def _missing(choices: Choices) -> str:
    if choices.service is None:
        return _("Choose a service.")
    if choices.environment is None:
        return _("Choose an environment.")
    if not choices.hosts:
        return _("There are no hosts in this environment yet.")
    return _("Choose at least one host.")


def _in_the_only_place(form: Form, places: Sequence[str]) -> Form:
    """Choose the environment where there is but one for the service."""
    if len(places) != 1 or not form.texts["service"] or form.texts["environment"]:
        return form
    return replace(form, texts=form.texts | {"environment": places[0]})


def _places(service: str, actor: "Actor") -> list[str]:
    return [
        environment.name
        for environment in list_environments()
        if actor.may(Action.DEPLOY, service=service, environment=environment.name)
        or (not service and actor.may(Action.VIEW, environment=environment.name))
    ]


def _versions(form: Form, choices: Choices) -> Choice[str]:
    if choices.service is None:
        return Choice((), 0)
    texts = form.texts
    return choice_of_versions(choices.service.name, texts["find_version"], [texts["version"]])


def _bake_time(choices: Choices) -> str:
    """Return the environment's, as it is typed."""
    return format_duration(choices.environment.bake_time) if choices.environment else ""


def _with_defaults(form: Form, choices: Choices) -> Form:
    texts = dict(form.texts)
    if choices.kind in FORTH and not texts["version"]:
        texts["version"] = _latest(form, choices)
    texts["proposed"] = "" if form.chosen_kind else choices.kind.value
    return Form(choices.kind.value, form.hosts, texts)


def _latest(form: Form, choices: Choices) -> str:
    try:
        version = choices.version(form.texts["version"])
    except Refused:
        return ""
    return version.name if version else ""


def _host_choices(form: Form, choices: Choices, actor: "Actor") -> Choice[HostChoice]:
    find, name = form.texts["find_host"], attrgetter("name")
    found = choice_of(choices.hosts, find, form.hosts, name, most=_HOSTS)
    instances = choices.instances_on(found.listed)
    may_see = choices.environment and sees_machine(choices.environment.name, actor)
    chosen, listed = frozenset(form.hosts), []
    for host in found.listed:
        instance = instances.get(host.name)
        if host.state not in ("ok", "unknown"):
            problem = said(host.problem) if may_see else ""
            look, title = WARN, f"{host.name} · {word(host.state)} · {problem}".rstrip(" ·")
        elif instance is not None:
            tick = instance_tick(instance)
            look, title = tick.mark, tick.title
        else:
            look, title = "", host.name
        listed.append(HostChoice(host.name, host.name in chosen, look, title))
    return Choice(tuple(listed), found.total, found.search)


def _view(plan: Outlook, form: Form, choices: Choices, actor: "Actor") -> PlanView:
    reader = Reader.of(plan, actor, back=form.address)
    return view_of(plan, reader, timezone.now(), is_guarded=choices.is_guarded)


def _changes(plan: Outlook, choices: Choices) -> list[ShownChanges]:
    """Return what the plan brings, asked for where nobody has asked yet. Going back brings
    nothing new."""
    service = choices.service
    if service is None or plan.kind is RolloutKind.REVERT:
        return []
    pairs = [each.pair for each in changes_of(service, plan)]
    return changes_between(service.name, pairs, timezone.now())

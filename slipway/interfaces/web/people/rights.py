"""Who may do something somewhere, and why; roles are given and taken."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action, Role
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import notes, pages
from slipway.interfaces.web.frame.words import word
from slipway.records.accounts import queries
from slipway.records.accounts.access import (
    Access,
    GivenWay,
    NotAllowed,
    Obstruction,
    explain_access,
    may_take,
)
from slipway.records.accounts.operations import grants
from slipway.records.catalog.queries.services import get_service, service_names
from slipway.records.fleet.queries import list_environments, visible_environment

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor

_MOST = 50  # people who may not, each with what is nearest
_BACK = "/people/-/may"


@require_GET
@pages.answered
def show_who_may(request: HttpRequest) -> HttpResponse:
    """Answer for an action at a place: who, by which ways; who not, and what would help."""
    actor = asker(request)
    service, environment = _place(request, actor)
    action = _action(request.GET.get("action", ""))
    said: list[notes.Note] = []
    access: Access | None = None
    status = 200
    try:
        actor.require(Action.MANAGE_ACCESS, service=service, environment=environment)
        if service:
            get_service(service, actor)
        if environment:
            visible_environment(environment, actor)
        access = explain_access(action, service, environment, by=actor, now=timezone.now())
    except Refused as refused:
        said, status = [notes.note_of(refused)], notes.status_of(refused)
    lacking = access.not_allowed if access else ()
    near = [each for each in lacking if each.why is not Obstruction.NOTHING]
    return pages.show(
        request,
        "web/who_may.html",
        section="people",
        status=status,
        notes=said,
        asked={"action": action.value, "service": service, "environment": environment},
        actions=_deeds(),
        access=access,
        answer=_answer(access) if access else "",
        allowed=[
            (each, [(way, bool(way.grant) and may_take(actor, way)) for way in each.ways])
            for each in (access.allowed if access else ())
        ],
        near=[(each, _why(each)) for each in near[:_MOST]],
        more=max(0, len(near) - _MOST),
        others=sum(each.why is Obstruction.NOTHING for each in lacking),
        form=notes.take_typed(request, "/people/-/grants"),
        roles=list(Role),
        services=service_names(actor),
        environments=[each.name for each in list_environments(actor)],
        may_list=actor.may(Action.MANAGE_ACCESS),
        back=request.get_full_path(),
    )


@require_POST
@pages.answered
def give_role(request: HttpRequest) -> HttpResponse:
    """Give somebody a role, and go back to where that was asked for."""
    name, role, service, environment = (
        pages.typed(request, field) for field in ("user", "role", "service", "environment")
    )

    def give() -> None:
        actor = asker(request)
        actor.require(Action.MANAGE_ACCESS, service=service, environment=environment)
        # What there is not is a slip of the hand here: programs may grant before they make it.
        if service:
            get_service(service, actor)
        if environment:
            visible_environment(environment, actor)
        grants.grant_role(
            user=queries.get_user(name),
            role=role,
            service=service,
            environment=environment,
            by=actor,
            now=timezone.now(),
        )

    done = _("%(name)s is given: %(way)s.") % {
        "name": name,
        "way": _said(role, service, environment),
    }
    return pages.attempt(request, give, back=_back(request), done=done)


@require_POST
@pages.answered
def take_role(request: HttpRequest) -> HttpResponse:
    """Take back the role that was given with these words."""
    words = {
        field: pages.typed(request, field) for field in ("user", "role", "service", "environment")
    }

    def take() -> None:
        actor = asker(request)
        where = {"service": words["service"], "environment": words["environment"]}
        actor.require(Action.MANAGE_ACCESS, **where)
        grants.revoke_role(**words, by=actor, now=timezone.now())

    way = _said(words["role"], words["service"], words["environment"])
    done = _("Taken from %(name)s: %(way)s.") % {"name": words["user"], "way": way}
    return pages.attempt(request, take, back=_back(request), done=done)


def _back(request: HttpRequest) -> str:
    return pages.own_address(request, request.POST.get("next", ""), _BACK)


def _place(request: HttpRequest, actor: "Actor") -> tuple[str, str]:
    """Return what was asked for; at first somewhere that whoever looks may ask about."""
    if "service" in request.GET or "environment" in request.GET:
        names = (request.GET.get(name, "").strip()[:64] for name in ("service", "environment"))
        service, environment = names
        return service, environment
    if actor.may(Action.MANAGE_ACCESS):
        return "", ""
    own = (right for right in actor.rights if right.role is Role.ADMIN)
    return next(((right.service, right.environment) for right in own), ("", ""))


def _action(text: str) -> Action:
    return Action(text) if text in set(Action) else Action.DEPLOY


def _deeds() -> list[tuple[str, str]]:
    return [
        (Action.DEPLOY.value, _("release and roll back")),
        (Action.VIEW.value, _("look")),
        (Action.UPLOAD.value, _("upload versions")),
        (Action.BUILD.value, _("build")),
        (Action.LOCK.value, _("lock")),
        (Action.BREAK_LOCK.value, _("release locks of others")),
        (Action.MANAGE_SERVICE.value, _("change services")),
        (Action.VIEW_HOST.value, _("see how hosts are reached")),
        (Action.MANAGE_HOST.value, _("change hosts")),
        (Action.MANAGE_ENVIRONMENT.value, _("change environments")),
        (Action.MANAGE_ACCESS.value, _("give and take roles")),
        (Action.MANAGE_SERVER.value, _("manage build servers")),
    ]


def _answer(access: Access) -> str:
    people = len(access.allowed)
    programs = sum(len(each.tokens) for each in access.allowed)
    who = ngettext("%(count)s person may do that", "%(count)s people may do that", people) % {
        "count": people
    }
    if not people:
        return _("Nobody may do that.")
    if not programs:
        return f"{who}."
    return ngettext(
        "%(who)s, and %(count)s token for them.",
        "%(who)s, and %(count)s tokens for them.",
        programs,
    ) % {"who": who, "count": programs}


def _why(each: NotAllowed) -> str:
    match each.why:
        case Obstruction.DISABLED if each.nearest:
            way = {"way": _way(each.nearest)}
            return _("may not sign in; what was given would not be enough: %(way)s") % way
        case Obstruction.DISABLED:
            return _("may not sign in; what was given would be enough")
        case Obstruction.ROLE:
            return _("too little there: %(way)s") % {"way": _way(each.nearest)}
        case Obstruction.ELSEWHERE:
            return _("enough, but elsewhere: %(way)s") % {"way": _way(each.nearest)}
        case Obstruction.BOTH:
            return _("too little, and elsewhere: %(way)s") % {"way": _way(each.nearest)}
        case Obstruction.NOTHING:
            return _("has no role at all")


def _way(way: GivenWay | None) -> str:
    return _said(way.role, way.service, way.environment) if way else "–"


def _said(role: str, service: str, environment: str) -> str:
    return _("%(role)s of %(service)s in %(environment)s") % {
        "role": word(role),
        "service": service or _("every service"),
        "environment": environment or _("every environment"),
    }

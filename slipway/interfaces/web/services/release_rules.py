"""Release on build: which new versions go where by themselves, and why one has not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import pages
from slipway.interfaces.web.frame.saying import said, said_hint
from slipway.records.catalog.queries.services import get_service
from slipway.records.fleet.queries import visible_environment
from slipway.records.releasing.operations.rules import remove_release_rule, set_release_rule
from slipway.records.releasing.rules import list_release_rules

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor
    from slipway.records.releasing.rules import RuleFacts


@dataclass(frozen=True, slots=True)
class RuleView:
    """The rule of one environment; `refs` is "" where there is none."""

    environment: str
    refs: str
    enabled: bool
    since: datetime | None
    last_version: str
    last_rollout: int
    problem: str
    hint: str
    may_set: bool


def rules_of(service: str, environments: Iterable[str], actor: "Actor") -> list[RuleView]:
    """Return what holds in each environment; those without a rule only for who may set one."""
    rules = {rule.environment: rule for rule in list_release_rules(actor, service=service)}
    views = [_view(rules.get(each), service, each, actor) for each in environments]
    return [view for view in views if view.refs or view.may_set]


@require_POST
@pages.answered
def set_rule(request: HttpRequest, name: str) -> HttpResponse:
    """Set the rule of one environment; without any ref it is removed."""
    actor, now = asker(request), timezone.now()
    service = get_service(name, actor)
    environment = visible_environment(request.POST.get("environment", ""), actor)
    refs = request.POST.get("refs", "").replace(",", " ").split()
    place = {"environment": environment.name}
    if refs:
        return pages.attempt(
            request,
            lambda: set_release_rule(
                service=service,
                environment=environment,
                refs=refs,
                enabled=request.POST.get("enabled") == "1",
                by=actor,
                now=now,
            ),
            back=f"/services/{service.name}#release-rules",
            done=_("The rule for %(environment)s is set.") % place,
        )
    return pages.attempt(
        request,
        lambda: remove_release_rule(service=service, environment=environment, by=actor, now=now),
        back=f"/services/{service.name}#release-rules",
        done=_("In %(environment)s people release again.") % place,
    )


def _view(rule: "RuleFacts | None", service: str, environment: str, actor: "Actor") -> RuleView:
    may_set = actor.may(Action.MANAGE_ENVIRONMENT, environment=environment) and actor.may(
        Action.DEPLOY, service=service, environment=environment
    )
    if rule is None:
        return RuleView(environment, "", True, None, "", 0, "", "", may_set)
    return RuleView(
        environment=environment,
        refs=" ".join(rule.refs),
        enabled=rule.enabled,
        since=rule.since,
        last_version=rule.last_version or "",
        last_rollout=rule.last_rollout or 0,
        problem=said(rule.problem),
        hint=said_hint(rule.problem),
        may_set=may_set,
    )

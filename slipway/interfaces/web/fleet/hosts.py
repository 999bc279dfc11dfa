"""Hosts: the inventory, and one machine."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from slipway.core.finding.listings import HOSTS
from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.fleet.host.answer import answer_of, facts_of, worst_first
from slipway.interfaces.web.fleet.host_lines import HostLine, compare_line, line_for
from slipway.interfaces.web.fleet.host_new import managed_environments
from slipway.interfaces.web.fleet.restores import may_restore
from slipway.interfaces.web.frame import pages
from slipway.interfaces.web.frame.finding import (
    FIELD,
    asked_of,
    bookmark_of,
    chips_of,
    extent_of,
    why_nothing,
)
from slipway.interfaces.web.frame.readers import Reader
from slipway.interfaces.web.frame.saying import said
from slipway.interfaces.web.frame.words import size, word
from slipway.interfaces.web.services.way.instances import instance_view
from slipway.interfaces.web.shown.hint_links import remedy_of
from slipway.records.audit.queries import last_of
from slipway.records.fleet.instance_facts import InstanceFacts
from slipway.records.fleet.known_hosts import KnownHost
from slipway.records.fleet.operations.checks import request_checks
from slipway.records.fleet.queries import (
    find_hosts,
    get_host,
    list_environments,
    list_hosts,
    list_instances,
    unknown_host_labels,
)
from slipway.records.fleet.reach import sees_machine
from slipway.records.rollouts.ask.of_hosts import list_visits
from slipway.records.rollouts.ask.overview import get_last_check
from slipway.records.rollouts.wish.room import room_needed
from slipway.records.rows.finding.asked import Asking
from slipway.records.rows.pages import whole

if TYPE_CHECKING:
    from slipway.records.accounts.rights import Actor


_VISITS = 8  # of rollouts, that are shown
_STATES = ("ok", "unreachable", "maintenance", "unknown")


@dataclass(frozen=True, slots=True)
class HostView:
    """What may not be seen of it is empty."""

    name: str
    reach: str
    environment: str
    state: str
    problem: str
    labels: tuple[str, ...]
    system: str
    disk: str
    last_seen_at: datetime | None


@require_GET
@pages.answered
def show_hosts(request: HttpRequest) -> HttpResponse:
    actor = asker(request)
    asked = asked_of(request, HOSTS, {"search": "", "environment": "environment"})
    hosts = find_hosts(actor, asked.asking, pages.PAGE, bookmark_of(request))
    said = asked.where.values_of("environment")
    environment = said[0] if len(said) == 1 else ""
    environments = [(each.name, each.name) for each in list_environments(actor)]
    states = [(word(state), state) for state in _STATES]
    return pages.show(
        request,
        "web/hosts.html",
        section="hosts",
        asked=asked,
        why_nothing="" if hosts else why_nothing(unknown_host_labels(actor, asked.asking)),
        rows=[] if asked.problem else [host_view(KnownHost.of(host), actor) for host in hosts],
        total=ngettext("%(n)s host", "%(n)s hosts", hosts.total) % {"n": hosts.total},
        environment=environment,
        environments=chips_of(asked, "environment", _("Every environment"), environments),
        states=chips_of(asked, "state", _("Every state"), states),
        may_manage=actor.may(Action.DEPLOY, environment=environment),
        sees_keys=actor.may(Action.MANAGE_HOST),
        may_add=bool(managed_environments(actor)) or actor.may(Action.MANAGE_HOST),
        extent=None if asked.problem else extent_of(request, hosts, asked),
    )


@require_GET
@pages.answered
def show_host(request: HttpRequest, name: str) -> HttpResponse:
    actor = asker(request)
    row = get_host(name, actor)
    host, check = KnownHost.of(row), get_last_check(row)
    rows = whole(lambda n, at: list_instances(actor, host=name, limit=n, offset=at))
    instances = [InstanceFacts.of(each, timezone.now()) for each in rows]
    problem = check.problem if check is not None and check.ok is False else host.problem
    is_whole = sees_machine(host.environment, actor)
    reader = Reader(actor, host.environment)
    may_manage = reader.may(Action.MANAGE_HOST)
    # Who deploys there may have it looked at; whose key is believed, who manages hosts says.
    to_check = Action.DEPLOY if host.host_key else Action.MANAGE_HOST
    shown = [instance_view(each, actor) for each in instances]
    return pages.show(
        request,
        "web/host.html",
        section="hosts",
        host={
            "name": host.name,
            "state": host.state,
            "labels": _labels(host),
            "environment": host.environment,
            "is_guarded": host.is_guarded,
            "last_seen_at": host.last_seen_at,
            "is_whole": is_whole,
            **(_machine(host, problem, reader) if is_whole else {}),
            "key": host.key if may_manage else "",
            "checking": check is not None and check.finished_at is None,
        },
        answer=answer_of(host, shown),
        instances=worst_first(shown),
        visits=list_visits(row.pk, actor, _VISITS),
        may_manage=may_manage,
        may_check=reader.may(to_check),
        ask_for_check=is_whole and not reader.may(to_check) and reader.whom_to_ask(to_check),
        may_restore=may_restore(actor, instances),
    )


@require_POST
@pages.answered
def check_host(request: HttpRequest, name: str) -> HttpResponse:
    actor = asker(request)
    host = get_host(name, actor)
    return pages.attempt(
        request,
        lambda: request_checks(
            hosts=[host],
            learn_key=request.POST.get("learn_key") == "1",
            by=actor,
            now=timezone.now(),
        ),
        back=pages.own_address(request, request.POST.get("next", ""), f"/hosts/{host.name}"),
    )


@require_POST
@pages.answered
def check_hosts(request: HttpRequest) -> HttpResponse:
    """Look at all hosts that are asked for, also at those further on in the list."""
    actor, text = asker(request), request.POST.get("where", "")
    asking = Asking.typed(text, HOSTS, timezone.localtime())
    hosts = whole(lambda n, at: list_hosts(actor, limit=n, offset=at, asking=asking))
    count = {"n": len(hosts)}
    done = ngettext("%(n)s host is being checked.", "%(n)s hosts are being checked.", len(hosts))
    return pages.attempt(
        request,
        lambda: request_checks(hosts=hosts, learn_key=False, by=actor, now=timezone.now()),
        back=f"/hosts?{urlencode({FIELD: text})}" if text else "/hosts",
        done=done % count,
    )


def host_view(host: KnownHost, actor: "Actor") -> HostView:
    """Return a host as a row of a table shows it."""
    is_whole = sees_machine(host.environment, actor)
    facts = host.facts if is_whole else {}
    system = " · ".join(str(facts[key]) for key in ("os", "arch") if facts.get(key))
    return HostView(
        name=host.name,
        reach=_reach(host) if is_whole else "",
        environment=host.environment,
        state=host.state,
        problem=said(host.problem) if is_whole else "",
        labels=_labels(host),
        system=system,
        disk=size(facts["disk_free"]) if facts.get("disk_free") else "",
        last_seen_at=host.last_seen_at,
    )


def _machine(host: KnownHost, problem: Sentence | None, reader: Reader) -> dict[str, object]:
    """Return how a host is reached, and what was found there."""
    return {
        "reach": _reach(host),
        "root": host.root,
        "become": host.become,
        "facts": list(facts_of(host, room_needed(host.id))),
        "learnt": last_of("host.key_learnt", "host", host.id) if host.host_key else None,
        "host_key": fingerprint(host.host_key),
        "problem": said(problem),
        "hint": remedy_of(problem, reader).hint,
        "line": line_for(problem, host) if reader.may(Action.MANAGE_HOST) else None,
        "compare": HostLine(
            _("The same has to stand there, shown on the host itself by:"),
            compare_line(host.host_key),
        ),
    }


def fingerprint(host_key: str) -> str:
    """Return a host key as `ssh-keygen -l` shows it; "" where there is none."""
    kind, _space, encoded = host_key.partition(" ")
    try:
        digest = hashlib.sha256(base64.b64decode(encoded.split(" ")[0], validate=True)).digest()
    except binascii.Error:
        return ""
    short = base64.b64encode(digest).decode().rstrip("=")
    return f"{kind} SHA256:{short}" if encoded else ""


def _reach(host: KnownHost) -> str:
    return f"{host.user}@{host.address}:{host.port}"


def _labels(host: KnownHost) -> tuple[str, ...]:
    return tuple(f"{key}={value}" if value else key for key, value in host.labels.items())

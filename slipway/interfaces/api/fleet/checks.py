"""Checks of hosts: asked for here, done by a worker."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from slipway.core.release.boot_unit import why_not_at_boot
from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.fingerprints import fingerprint
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.reasons import SaidOut, said_out
from slipway.interfaces.api.frame.values import Input, Name, Word, answers
from slipway.interfaces.entrance.admission import asker
from slipway.records.accounts.rights import Actor
from slipway.records.fleet import queries
from slipway.records.fleet.known_hosts import CheckFacts
from slipway.records.fleet.operations import checks
from slipway.records.fleet.reach import sees_machine
from slipway.records.rows.sentences import values_of

router = Router(tags=["checks"])
MOST = 200


class NewCheck(Input):
    """Which hosts: their names, or all of an environment."""

    hosts: Annotated[list[Name], Field(max_length=MOST)] = []
    environment: Word = ""
    learn_key: bool = False


class StartedCheck(Schema):
    id: UUID


class CheckItem(Schema):
    """What was found is shown to who has a right on the environment."""

    host: str
    finished: bool
    ok: bool | None
    code: str
    message: str = ""
    values: dict[str, Any] = {}
    hint: str = ""
    host_key_fingerprint: str = ""
    facts: dict[str, Any] = {}
    notes: list[SaidOut] = []  # what will not be done there, though the host is well


class CheckOut(Schema):
    id: UUID
    finished: bool
    items: list[CheckItem]


@router.post("", response=answers(StartedCheck, 202))
@policy(Action.MANAGE_HOST, Over.ENVIRONMENT)
def request_checks(request: HttpRequest, body: NewCheck) -> Status[object]:
    """Have hosts reached, verified and asked for facts; with `learn_key`, learn their keys."""
    actor = asker(request)
    group = checks.request_checks(
        hosts=queries.list_hosts_to_check(body.hosts, body.environment, actor),
        learn_key=body.learn_key,
        by=actor,
        now=timezone.now(),
    )
    return Status(202, {"id": group})


@router.get("/{id}", response=answers(CheckOut))
@policy(Action.VIEW, Over.VISIBLE)
def get_check(request: HttpRequest, id: UUID) -> dict[str, object]:
    """Show how far a check has come."""
    actor = asker(request)
    items = [_item(check, actor) for check in queries.get_check_group(id, actor)]
    return {"id": id, "finished": all(item["finished"] for item in items), "items": items}


def _item(check: CheckFacts, actor: Actor) -> dict[str, Any]:
    host = check.host
    seen = {
        "host": host.name,
        "finished": check.is_over,
        "ok": check.ok,
        "code": check.code,
    }
    if not sees_machine(host.environment, actor):
        return seen
    note = why_not_at_boot(host.name, host.user, host.become, host.facts) if check.ok else None
    return seen | {
        "message": check.problem.english if check.problem else "",
        "values": values_of(check.problem),
        "hint": check.problem.english_hint if check.problem else "",
        "host_key_fingerprint": fingerprint(host.host_key),
        "facts": host.facts,
        "notes": [said_out(said) for said in (note, note and note.advice) if said],
    }

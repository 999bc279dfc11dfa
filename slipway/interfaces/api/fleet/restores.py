"""Everything back on a host, in one request."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.values import Input, Line, Name, Text, answers
from slipway.interfaces.api.rollouts.plan_shapes import PlanOut, plan_as_dict
from slipway.interfaces.api.rollouts.whole_rollouts import RolloutOut
from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.live.shown import shown_rollout
from slipway.interfaces.sentences import in_json
from slipway.records.fleet.queries import get_host
from slipway.records.rollouts.operations import restores
from slipway.records.rollouts.rollout_facts import RolloutFacts

router = Router(tags=["hosts"])


class Restore(Input):
    """With `dry_run` the plans are shown, and nothing is started. `confirm`: what a
    person typed for the host's name, looked at where it is sent and the environment is guarded."""

    reason: Text = ""
    confirm: Line | None = None
    dry_run: bool = False


class NotRestored(Schema):
    """Why a service was left out; `nothing_to_do` is no trouble."""

    service: str
    code: str
    message: str
    hint: str
    values: dict[str, Any]


class RestoredHost(Schema):
    """A rollout (or, in a dry run, a plan) for each service that is brought back. `others`: how
    many services are there that one may not see. `ok`: nothing is left out against its will."""

    host: str
    dry_run: bool
    rollouts: list[RolloutOut]
    plans: list[PlanOut]
    refused: list[NotRestored]
    others: int
    ok: bool


NOW = Restore()


@router.post("/{name}/restore", response={200: RestoredHost, **answers(RestoredHost, 202)})
@policy(Action.DEPLOY, Over.BOTH)
def restore_host(request: HttpRequest, name: Name, body: Restore = NOW) -> Status[object]:
    """Put everything back on a host: for each of its services one rollout, limited to this host,
    that brings its instances to what they should be. What was stopped stays stopped."""
    actor, now = asker(request), timezone.now()
    host = get_host(name, actor)
    if body.dry_run:
        restored = restores.plan_restore(host=host, by=actor, now=now)
    else:
        restored = restores.restore_host(
            host=host, by=actor, now=now, reason=body.reason, confirm=body.confirm
        )
    return Status(200 if body.dry_run else 202, _restored(host.name, restored, body))


def _restored(host: str, restored: restores.Restored, body: Restore) -> dict[str, object]:
    return {
        "host": host,
        "dry_run": body.dry_run,
        "rollouts": [shown_rollout(RolloutFacts.of(each)) for each in restored.rollouts],
        "plans": [plan_as_dict(each, ()) for each in restored.plans],
        "refused": [
            {"service": service, "hint": "", **in_json(refused.sentence)}
            for service, refused in restored.refused
        ],
        "others": restored.others,
        "ok": restored.is_whole,
    }

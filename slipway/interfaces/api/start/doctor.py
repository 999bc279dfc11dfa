"""What is wrong with this installation, and what to do about it."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from slipway.core.words.roles import Action
from slipway.interfaces.api.frame.policy import Over, permit, policy
from slipway.interfaces.api.frame.values import answers
from slipway.interfaces.doctor.findings import findings
from slipway.interfaces.sentences import in_json

router = Router(tags=["doctor"])


class FindingOut(Schema):
    code: str
    ok: bool
    message: str
    hint: str
    values: dict[str, Any]


class Findings(Schema):
    items: list[FindingOut]


@router.get("", response=answers(Findings))
@policy(Action.MANAGE_ENVIRONMENT, Over.EVERYTHING)
def examine(request: HttpRequest) -> dict[str, object]:
    """Look at everything this installation needs."""
    permit(request, Action.MANAGE_ENVIRONMENT)
    found = findings(timezone.now())
    return {"items": [{"ok": finding.ok, **in_json(finding.said)} for finding in found]}

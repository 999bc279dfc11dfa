"""Tells what became of a host onto which everything is put back."""

from typing import Any

from slipway_cli.arguments.options import WaitOptions
from slipway_cli.commands.rollouts.plans import show_plan
from slipway_cli.errors import AlreadyPrinted
from slipway_cli.following.narration import opening
from slipway_cli.following.outcomes import watch
from slipway_cli.language import _, joined
from slipway_cli.printed.render import say
from slipway_cli.session import Session


def show_restore(session: Session, restored: dict[str, Any], waits: WaitOptions) -> None:
    """Say which rollouts were begun, or would be, and what was refused; exit 1 where one was, or,
    with --wait, where one did not succeed."""
    if session.is_json and not waits.wait:
        session.thing(restored, ())
    else:
        for plan in restored["plans"]:
            say(_("{service} in {environment}:", **_where(plan)))
            show_plan(session, plan)
        for rollout in restored["rollouts"]:
            say(opening(rollout))
    for each in restored["refused"]:
        what = _("{service} is left out: {what}", service=each["service"], what=each["message"])
        say(joined([what, each.get("hint")]))
    if restored["others"]:
        say(_("Services there that you may not see: {n}.", n=restored["others"]))
    is_well = all([_ends_well(session, each, waits) for each in restored["rollouts"]])
    if not (restored["ok"] and is_well):
        raise AlreadyPrinted


def _where(plan: dict[str, Any]) -> dict[str, Any]:
    return {name: plan[name] for name in ("service", "environment")}


def _ends_well(session: Session, rollout: dict[str, Any], waits: WaitOptions) -> bool:
    if not waits.wait:
        return True
    try:
        # Who confirmed the host has confirmed what begins on it.
        watch(session, int(rollout["id"]), waits.reply, confirm=str(rollout["service"]))
    except AlreadyPrinted:
        return False
    return True

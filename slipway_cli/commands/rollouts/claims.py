"""Claims: the right to drive a rollout, as hosts know it."""

from slipway_cli.arguments.grammar import Commands
from slipway_cli.arguments.options import Reason, Yes
from slipway_cli.arguments.values import given
from slipway_cli.language import _
from slipway_cli.session import Session

commands = Commands()
claim = commands.group("claim", "The right to drive rollouts, as hosts know it.")


@claim.command("raise")
def raise_claims(session: Session, reason: Reason = "", yes: Yes = False) -> None:
    """Raise our claims above those of ours that hosts know, after a database was restored."""
    session.confirm(
        _("Does no other copy of this installation run, and are our claims to be raised?"), yes=yes
    )
    raised = session.api.post("/claims/raise", given(reason=reason))
    session.done(
        _(
            "Claims go on above {after}; the last one was {before}. "
            "Rollouts that hosts refused go on by themselves.",
            after=raised["after"],
            before=raised["before"],
        ),
        raised,
    )

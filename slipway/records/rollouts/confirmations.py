"""What starts or widens work in a guarded environment is confirmed by a name, whatever the way."""

from slipway.records.accounts.actors import Actor
from slipway.records.fleet.models import Environment
from slipway.records.rollouts.refusals import Unconfirmed


def require_confirmed(environment: Environment, name: str, *, confirm: str, by: Actor) -> None:
    """Raise Unconfirmed where `environment` is guarded and `confirm` is not `name`. What begins by
    itself does so at the standing wish of an admin, who is not there to be asked."""
    if by.user is None or not environment.is_guarded or confirm.strip() == name:
        return
    raise Unconfirmed(
        "Type {name} to confirm.",
        hint="{environment} is guarded. A program sends the name as confirm, "
        "a command line takes --confirm {name}.",
        name=name,
        environment=environment.name,
    )

"""What a person starts or widens in a guarded environment is confirmed by a name, on every way."""

from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Environment
from slipway.records.rollouts.wish.refusals import Unconfirmed


def require_confirmed(
    environment: Environment, name: str, *, confirm: str | None, by: Actor
) -> None:
    """Raise Unconfirmed where `environment` is guarded and `confirm` is not `name`. It is None of
    who cannot be asked: a program, which wrote service and environment down when it was made. What
    begins by itself does so at the standing wish of an admin, who is not there either."""
    if confirm is None or by.user is None or not environment.is_guarded:
        return
    if confirm.strip() == name:
        return
    raise Unconfirmed(
        "Type {name} to confirm.",
        hint="{environment} is guarded. A command line takes --confirm {name}.",
        name=name,
        environment=environment.name,
    )

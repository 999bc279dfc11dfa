"""The operations on instances; each is a rollout."""

from typing import Annotated

from slipway_cli.arguments.grammar import Argument, Commands
from slipway_cli.arguments.options import (
    DeployOptions,
    Reason,
    RevertOptions,
    Service,
    StartOptions,
    Version,
    WaitOptions,
    WishOptions,
)
from slipway_cli.commands.rollouts.steering import begin_next
from slipway_cli.following.outcomes import answer
from slipway_cli.language import _
from slipway_cli.session import Session

commands = Commands()


@commands.command("deploy")
def deploy(
    session: Session, service: Service, version: Version, wish: DeployOptions, start: StartOptions
) -> None:
    """Put a service on hosts where it is not yet."""
    _begin(session, wish.body("deploy", service, version), start)


@commands.command("upgrade")
def upgrade(
    session: Session, service: Service, version: Version, wish: WishOptions, start: StartOptions
) -> None:
    """Bring the instances of a service to a version."""
    _begin(session, wish.body("upgrade", service, version), start)


@commands.command("rollback")
def rollback(session: Session, service: Service, wish: RevertOptions, start: StartOptions) -> None:
    """Go back: each instance to its own earlier version, or all to one."""
    _begin(session, wish.body("revert", service), start)


@commands.command("apply")
def apply(session: Session, service: Service, wish: WishOptions, start: StartOptions) -> None:
    """Bring changed settings, weights and tags to the instances; their version stays."""
    _begin(session, wish.body("apply", service), start)


@commands.command("restart")
def restart(session: Session, service: Service, wish: WishOptions, start: StartOptions) -> None:
    """Restart the instances, batch by batch."""
    _begin(session, wish.body("restart", service), start)


@commands.command("stop")
def stop(session: Session, service: Service, wish: WishOptions, start: StartOptions) -> None:
    """Stop the instances; they stay where they are."""
    _begin(session, wish.body("stop", service), start)


@commands.command("start")
def start_instances(
    session: Session, service: Service, wish: WishOptions, start: StartOptions
) -> None:
    """Start stopped instances."""
    _begin(session, wish.body("start", service), start)


@commands.command("remove")
def remove(session: Session, service: Service, wish: WishOptions, start: StartOptions) -> None:
    """Stop the instances and take the service off their hosts; the history stays."""
    place = wish.hosts or wish.instances or _("every host in {environment}", environment=wish.env)
    session.confirm(
        _("Remove {service} from {place}?", service=service, place=place),
        yes=start.yes or bool(start.confirm),
    )
    _begin(session, wish.body("delete", service), start)


@commands.command("retry")
def retry(
    session: Session,
    rollout: Annotated[int, Argument("Number of the rollout.", metavar="ID", least=1)],
    waits: WaitOptions,
    reason: Reason = "",
) -> None:
    """Try again what has not succeeded in a rollout."""
    begin_next(session, rollout, "retry", waits, reason)


def _begin(session: Session, wish: dict[str, object], start: StartOptions) -> None:
    document = session.begin("/rollouts", wish | start.body(), start.confirm)
    answer(session, document, start)

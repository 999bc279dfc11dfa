"""Promoting: what runs in one environment goes to another, without anybody typing its name."""

from dataclasses import dataclass
from typing import Annotated

from slipway_cli.api.client import at
from slipway_cli.arguments.grammar import Commands, Option
from slipway_cli.arguments.options import DeployOptions, Service, StartOptions
from slipway_cli.following.outcomes import answer
from slipway_cli.language import _
from slipway_cli.printed.render import say
from slipway_cli.session import Session

commands = Commands()


@dataclass(frozen=True, slots=True, kw_only=True)
class PromoteOptions(DeployOptions):
    """From where to where; with hosts it is deployed on those, else instances are upgraded."""

    source: Annotated[str, Option("Environment whose version it is.", flags=("--from",))]
    env: Annotated[str, Option("Environment it goes to.", flags=("--to",))]


@commands.command("promote")
def promote(session: Session, service: Service, wish: PromoteOptions, start: StartOptions) -> None:
    """Bring the version that runs in one environment to another; refused where versions are mixed
    there."""
    found = session.api.get(at("services", service, "running", wish.source))
    version = str(found["version"])
    say(
        _(
            "{service} runs {version} in {environment}.",
            service=service,
            version=version,
            environment=wish.source,
        )
    )
    kind = "deploy" if wish.hosts else "upgrade"
    body = wish.body(kind, service, version) | start.body()
    document = session.begin("/rollouts", body, start.confirm)
    answer(session, document, start)

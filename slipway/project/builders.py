"""Which adapter builds for which kind of build server; imported by workers only."""

import os
from collections.abc import Mapping

import structlog
from django.conf import settings

from slipway.adapters.builds.command.enclosure.isolation import Isolation
from slipway.adapters.builds.command.processes.users import parse_numbers
from slipway.adapters.builds.command.server import CommandServer
from slipway.adapters.builds.gitlab import GitLabServer
from slipway.adapters.builds.jenkins.server import JenkinsServer
from slipway.core.builds.orders import ServerKind
from slipway.ports.builds import BuildServer

log = structlog.get_logger()


def build_servers() -> Mapping[ServerKind, BuildServer]:
    """The build servers of this installation."""
    settings.SLIPWAY_SCRATCH.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {
        ServerKind.GITLAB: GitLabServer(scratch=settings.SLIPWAY_SCRATCH),
        ServerKind.JENKINS: JenkinsServer(),
        ServerKind.COMMAND: CommandServer(settings.SLIPWAY_BUILDS, _isolation()),
    }


def _isolation() -> Isolation:
    if os.environ.get("SLIPWAY_BUILD_USER"):
        log.warning("build_user_means_nothing_any_more", see="SLIPWAY_BUILD_USERS")
    return Isolation(
        numbers=parse_numbers(settings.SLIPWAY_BUILD_USERS),
        readable=settings.SLIPWAY_BUILD_FOLDERS,
        hidden=(str(settings.DATA),),
        open_to=frozenset(settings.SLIPWAY_UNISOLATED_BUILDS),
    )

"""Which adapter builds for which kind of build server; imported by workers only."""

from collections.abc import Mapping

from django.conf import settings

from slipway.adapters.builds.command.server import CommandServer
from slipway.adapters.builds.gitlab import GitLabServer
from slipway.adapters.builds.jenkins.server import JenkinsServer
from slipway.ports.builds import BuildServer, ServerKind


def build_servers() -> Mapping[ServerKind, BuildServer]:
    """The build servers of this installation."""
    settings.SLIPWAY_SCRATCH.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {
        ServerKind.GITLAB: GitLabServer(scratch=settings.SLIPWAY_SCRATCH),
        ServerKind.JENKINS: JenkinsServer(),
        ServerKind.COMMAND: CommandServer(settings.SLIPWAY_BUILDS, settings.SLIPWAY_BUILD_USER),
    }

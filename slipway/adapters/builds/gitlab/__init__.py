"""GitLab CI behind the port BuildServer: a build is a pipeline."""

from slipway.adapters.builds.gitlab.server import GitLabServer

__all__ = ["GitLabServer"]

"""Jenkins behind the port BuildServer."""

from slipway.adapters.builds.jenkins.server import JenkinsServer

__all__ = ["JenkinsServer"]

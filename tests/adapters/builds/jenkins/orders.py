"""Orders for a Jenkins stand-in, and a server with little patience."""

from dataclasses import replace
from typing import Any

from slipway.adapters.builds.jenkins.server import JenkinsServer
from slipway.adapters.egress.outlet import RequestLimits
from slipway.core.builds.orders import BuildOrder
from slipway.core.builds.package_source import PackageSource
from tests.stands.jenkins import JenkinsStand
from tests.stands.jenkins_state import Build

IMPATIENT = RequestLimits(connect=2, read=0.3, answer=0.6, progress_time=0.6, progress_bytes=1000)
SHA = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"
OTHER_SHA = "f" * 40

server = JenkinsServer()
impatient = JenkinsServer(limits=IMPATIENT)


def order(jenkins: JenkinsStand, project: str = "team/billing", **others: Any) -> BuildOrder:
    usual = BuildOrder(
        access=jenkins.access(),
        service="billing",
        project=project,
        ref="main",
        commit="",
        correlation="b-7",
        source=PackageSource(),
    )
    return replace(usual, **others)


def running(jenkins: JenkinsStand, wanted: BuildOrder) -> tuple[str, Build]:
    """Start the order and let it run; returns its id and its build."""
    place = server.start(wanted)
    build = jenkins.leave_queue(jenkins.newest_item())
    return server.look(wanted, place).id, build


def finished(jenkins: JenkinsStand, wanted: BuildOrder, **artifacts: bytes) -> str:
    """Start the order and let it end well with artifacts (`a__b_c` is a/b.c); returns its id."""
    build_id, build = running(jenkins, wanted)
    named = {n.replace("__", "/").replace("_", "."): data for n, data in artifacts.items()}
    jenkins.succeed(build, commit=SHA, artifacts=named)
    return build_id


def fetched(wanted: BuildOrder, build_id: str) -> tuple[str, bytes]:
    """Return the name and the bytes of its package."""
    with server.fetch(wanted, build_id) as package:
        return package.filename, b"".join(package.chunks)

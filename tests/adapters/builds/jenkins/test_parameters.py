"""What a job on Jenkins is told, and the orders that are refused because it cannot be."""

from collections.abc import Iterator

import pytest

from slipway.ports.builds import ServerRefused
from tests.adapters.builds.jenkins.orders import SHA, order, server
from tests.stands.jenkins import JenkinsStand


@pytest.fixture
def jenkins() -> Iterator[JenkinsStand]:
    with JenkinsStand() as stand:
        stand.add_job("team/billing")
        yield stand


def test_the_job_is_told_ref_commit_our_mark_and_the_variables(jenkins: JenkinsStand) -> None:
    job = jenkins.add_job("wide", ("REF", "COMMIT", "SLIPWAY_BUILD", "TARGET", "UNTOLD"))
    server.start(order(jenkins, "wide", commit=SHA, variables={"TARGET": "linux"}))
    told = {"REF": "main", "COMMIT": SHA, "SLIPWAY_BUILD": "b-7", "TARGET": "linux", "UNTOLD": ""}
    assert jenkins.newest_item().parameters == told
    assert jenkins.newest_item().job is job


def test_what_a_job_is_told_stands_in_no_address(jenkins: JenkinsStand) -> None:
    server.start(order(jenkins, correlation="b-secret"))
    assert all("b-secret" not in str(request.query) for request in jenkins.requests)


@pytest.mark.parametrize("name", ["BRANCH", "GIT_BRANCH", "BRANCH_NAME", "GIT_REF", "branch"])
def test_the_ref_goes_to_the_parameter_that_the_job_has_for_it(
    jenkins: JenkinsStand, name: str
) -> None:
    jenkins.add_job("other", ("SLIPWAY_BUILD", name))
    wanted = order(jenkins, "other")
    server.start(wanted)
    assert jenkins.newest_item().parameters[name] == "main"
    jenkins.leave_queue(jenkins.newest_item())
    assert server.look(wanted, "1").ref == "main"


@pytest.mark.parametrize(
    ("declares", "missing"),
    [
        (("REF",), "SLIPWAY_BUILD"),
        (("SLIPWAY_BUILD",), "REF"),
        ((), "REF, SLIPWAY_BUILD"),
        (("REF", "SLIPWAY_BUILD"), "TARGET"),
    ],
)
def test_an_order_that_jenkins_would_silently_cut_is_refused(
    jenkins: JenkinsStand, declares: tuple[str, ...], missing: str
) -> None:
    jenkins.add_job("narrow", declares)
    variables = {"TARGET": "linux"} if missing == "TARGET" else {}
    with pytest.raises(ServerRefused, match=f"does not declare: {missing}"):
        server.start(order(jenkins, "narrow", variables=variables))
    assert jenkins.orders == 0


@pytest.mark.parametrize("name", ["GIT_COMMIT", "commit"])
def test_the_commit_goes_to_the_parameter_that_the_job_has_for_it(
    jenkins: JenkinsStand, name: str
) -> None:
    jenkins.add_job("other", ("SLIPWAY_BUILD", "REF", name))
    server.start(order(jenkins, "other", commit=SHA))
    assert jenkins.newest_item().parameters[name] == SHA


def test_a_commit_that_the_job_could_not_be_told_is_refused(jenkins: JenkinsStand) -> None:
    jenkins.add_job("narrow", ("SLIPWAY_BUILD", "REF"))
    with pytest.raises(ServerRefused, match="does not declare: COMMIT") as refused:
        server.start(order(jenkins, "narrow", commit=SHA))
    assert "ask for the ref alone" in refused.value.hint
    assert jenkins.orders == 0
    server.start(order(jenkins, "narrow"))
    assert jenkins.orders == 1

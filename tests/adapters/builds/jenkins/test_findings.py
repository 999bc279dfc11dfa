"""Credentials, crumbs, rights: what Jenkins asks for, and what `test` finds out about it."""

import base64
from collections.abc import Iterator

import pytest

from slipway.ports.builds import ServerRefused
from tests.adapters.builds.jenkins.orders import order, server
from tests.adapters.builds.jenkins.test_faults import TROUBLES, meeting
from tests.stands.jenkins import JenkinsStand
from tests.stands.jenkins_http import Answer


@pytest.fixture
def jenkins() -> Iterator[JenkinsStand]:
    with JenkinsStand() as stand:
        stand.add_job("team/billing")
        yield stand


def test_an_api_token_needs_no_crumb(jenkins: JenkinsStand) -> None:
    server.start(order(jenkins))
    assert not any("crumb" in request.path for request in jenkins.requests)
    expected = base64.b64encode(f"slipway:{jenkins.token}".encode()).decode()
    assert {r.headers["authorization"] for r in jenkins.requests} == {f"Basic {expected}"}


def test_a_password_gets_the_crumb_that_jenkins_asks_for() -> None:
    with JenkinsStand(password="geheim") as jenkins:
        jenkins.add_job("team/billing")
        wanted = order(jenkins, access=jenkins.access("geheim"))
        place = server.start(wanted)
        assert jenkins.orders == 1
        server.cancel(wanted, place)
        assert jenkins.newest_item().cancelled
        last = [request for request in jenkins.requests if request.method == "POST"][-1]
        assert last.headers["jenkins-crumb"] == jenkins.crumb


def test_without_crumbs_a_password_is_enough() -> None:
    with JenkinsStand(password="geheim") as jenkins:
        jenkins.wants_crumbs = False
        jenkins.add_job("team/billing")
        server.start(order(jenkins, access=jenkins.access("geheim")))
        assert jenkins.orders == 1


def test_a_right_that_is_missing_is_named(jenkins: JenkinsStand) -> None:
    jenkins.denied.add("build")
    with pytest.raises(ServerRefused, match=r"hudson\.model\.Item\.Build"):
        server.start(order(jenkins))
    assert jenkins.orders == 0


def test_a_wrong_credential_is_refused_and_never_shown(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins, access=jenkins.access("wrong-secret"))
    with pytest.raises(ServerRefused, match="does not take the credential of slipway") as refusal:
        server.start(wanted)
    assert "wrong-secret" not in f"{refusal.value!r} {refusal.value.hint} {wanted!r}"


# What `test` finds


def test_a_jenkins_in_order_has_only_good_findings(jenkins: JenkinsStand) -> None:
    jenkins.add_multibranch("shop", ("main", "feature/x"))
    for project in ("", "team/billing", "shop"):
        findings = server.test(jenkins.access(), project)
        assert [finding.what for finding in findings if not finding.works] == []
        assert "Jenkins 2.516.3" in findings[0].what
    assert jenkins.orders == 0


@pytest.mark.parametrize(
    ("declares", "named"), [(("REF",), "SLIPWAY_BUILD"), (("SLIPWAY_BUILD",), "REF")]
)
def test_a_parameter_that_is_not_declared_is_found(
    jenkins: JenkinsStand, declares: tuple[str, ...], named: str
) -> None:
    jenkins.add_job("narrow", declares)
    (bad,) = [finding for finding in server.test(jenkins.access(), "narrow") if not finding.works]
    assert bad.what.endswith(f"does not declare: {named}.")
    assert "string parameter" in bad.hint


def test_a_branch_that_does_not_declare_our_mark_is_found(jenkins: JenkinsStand) -> None:
    project = jenkins.add_multibranch("shop", ("main", "old"))
    project.children["old"].parameters = ()
    (bad,) = [finding for finding in server.test(jenkins.access(), "shop") if not finding.works]
    assert "shop/old" in bad.what


@pytest.mark.parametrize(
    ("project", "said"),
    [
        ("nothing", "has no job"),
        ("team", "is a folder"),
        ("empty", "has no branches yet"),
        ("off", "is disabled"),
    ],
)
def test_a_job_that_cannot_be_built_is_found(
    jenkins: JenkinsStand, project: str, said: str
) -> None:
    jenkins.add_multibranch("empty", ())
    jenkins.add_job("off").buildable = False
    findings = server.test(jenkins.access(), project)
    (bad,) = [finding for finding in findings if not finding.works]
    assert said in bad.what
    assert bad.hint


def test_a_right_to_build_that_is_missing_is_found(jenkins: JenkinsStand) -> None:
    jenkins.denied.add("build")
    findings = server.test(jenkins.access(), "team/billing")
    assert "Item.Build" in findings[-1].what
    assert not findings[-1].works


@pytest.mark.parametrize("fault", [*TROUBLES, "other server", "not found"])
def test_what_is_not_jenkins_or_not_well_is_a_finding(jenkins: JenkinsStand, fault: str) -> None:
    others = {"other server": Answer(200, b"Welcome to nginx!"), "not found": Answer(404)}
    planned = {**TROUBLES, **others}[fault]
    jenkins.fault("GET /", planned)
    findings = meeting(planned).test(jenkins.access(), "team/billing")
    assert not findings[-1].works
    assert findings[-1].hint


def test_an_address_that_cannot_be_used_is_a_finding(jenkins: JenkinsStand) -> None:
    for address in ("", "ftp://x", "http://169.254.169.254", "https://a b"):
        (found,) = server.test(jenkins.access(base_url=address))
        assert not found.works


def test_a_wrong_credential_is_a_finding(jenkins: JenkinsStand) -> None:
    findings = server.test(jenkins.access("wrong"))
    assert "(401)" in findings[-1].what
    assert not findings[-1].works

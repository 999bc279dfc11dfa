"""Packages of a build on Jenkins that lie at an address: who is asked, and with what login."""

from collections.abc import Iterator

import pytest

from slipway.core.builds.orders import BuildOrder
from slipway.core.builds.package_source import PackageSource, SourceKind
from slipway.ports.builds import OffLimits, PackageMissing, ServerRefused
from tests.adapters.builds.jenkins.orders import fetched, order, running
from tests.stands.jenkins import JenkinsStand
from tests.stands.jenkins_http import Answer
from tests.stands.jenkins_state import Build


@pytest.fixture
def jenkins() -> Iterator[JenkinsStand]:
    with JenkinsStand() as stand:
        stand.add_job("team/billing")
        yield stand


def url(variable: str, job: str = "") -> PackageSource:
    return PackageSource(SourceKind.URL, job=job, path=variable)


@pytest.fixture
def store() -> Iterator[JenkinsStand]:
    """A server for packages, which is no Jenkins but answers."""
    with JenkinsStand() as stand:
        stand.fault("GET /files/", Answer(200, b"bytes"), times=9)
        yield stand


def dotenv(jenkins: JenkinsStand, text: str, name: str = "slipway.env") -> str:
    build_id, build = running(jenkins, order(jenkins))
    jenkins.succeed(build, artifacts={name: text.encode(), "a.log": b""})
    return build_id


def with_store(jenkins: JenkinsStand, store: JenkinsStand, source: PackageSource) -> BuildOrder:
    access = jenkins.access(package_bases=(f"{store.url}/files",))
    return order(jenkins, access=access, source=source)


def test_a_package_is_fetched_from_the_address_an_artifact_names(
    jenkins: JenkinsStand, store: JenkinsStand
) -> None:
    text = f"# made by the job\nOTHER=1\nPACKAGE_URL='{store.url}/files/a.tar.gz?sig=x'\n"
    for name, job in (("slipway.env", ""), ("out/build.env", "*/*.env")):
        wanted = with_store(jenkins, store, url("PACKAGE_URL", job))
        assert fetched(wanted, dotenv(jenkins, text, name)) == ("a.tar.gz", b"bytes")


def test_no_credential_goes_to_where_packages_lie(
    jenkins: JenkinsStand, store: JenkinsStand
) -> None:
    build: Build
    build_id, build = running(jenkins, order(jenkins))
    named = f"PACKAGE_URL={store.url}/files/a.tar.gz".encode()
    jenkins.succeed(build, artifacts={"slipway.env": named})
    fetched(with_store(jenkins, store, url("PACKAGE_URL")), build_id)
    (request,) = store.requests
    assert "authorization" not in request.headers
    assert "cookie" not in request.headers


@pytest.mark.parametrize("project", ["team/billing", "team/shop"])
def test_an_artifact_of_the_build_itself_is_fetched_with_our_login(
    jenkins: JenkinsStand, project: str
) -> None:
    jenkins.add_multibranch("team/shop", ("feature/x",))
    wanted = order(jenkins, project, ref="feature/x", source=url("PACKAGE_URL"))
    build_id, build = running(jenkins, wanted)
    own = f"PACKAGE_URL={jenkins.url}/{build.path}artifact/dist/a.tar.gz"
    jenkins.succeed(build, artifacts={"slipway.env": own.encode(), "dist/a.tar.gz": b"bytes"})
    assert fetched(wanted, build_id) == ("a.tar.gz", b"bytes")


@pytest.mark.parametrize(
    "path",
    [
        "job/payroll/1/artifact/a.tar.gz",
        "job/team/job/billing/2/artifact/a.tar.gz",
        "job/team/job/billing/11/artifact/a.tar.gz",
        "job/team/job/billing/1/parent/parent/parent/job/payroll/1/artifact/a.tar.gz",
        "job/team/job/billing/1%2Fartifact/a.tar.gz",
        "view/all/job/team/job/billing/1/artifact/a.tar.gz",
        "job/team/job/billing/config.xml",
    ],
)
def test_our_login_opens_nothing_else_to_whoever_writes_a_build(
    jenkins: JenkinsStand, path: str
) -> None:
    """Another job's artifact, say, that the Jenkinsfile names and its author may not read."""
    other = jenkins.run(jenkins.add_job("payroll"))
    jenkins.succeed(other, artifacts={"a.tar.gz": b"secret"})
    build_id = dotenv(jenkins, f"PACKAGE_URL={jenkins.url}/{path}")
    jenkins.requests.clear()
    with pytest.raises(ServerRefused, match="answered with the status 403"):
        fetched(order(jenkins, source=url("PACKAGE_URL")), build_id)
    asked = [request for request in jenkins.requests if request.path == f"/{path}"]
    assert len(asked) == 1
    assert "authorization" not in asked[0].headers
    assert "cookie" not in asked[0].headers


def test_a_session_that_our_login_has_begun_goes_no_further(jenkins: JenkinsStand) -> None:
    build_id, build = running(jenkins, order(jenkins))
    told = f"PACKAGE_URL={jenkins.url}/job/payroll/1/artifact/a.tar.gz".encode()
    jenkins.succeed(build, artifacts={"slipway.env": told})
    session = {"Set-Cookie": "JSESSIONID=ours; Path=/; HttpOnly"}
    jenkins.fault(r"/artifact/slipway\.env$", Answer(200, told, session))
    with pytest.raises(ServerRefused, match="answered with the status 403"):
        fetched(order(jenkins, source=url("PACKAGE_URL")), build_id)
    assert "cookie" not in jenkins.requests[-1].headers


@pytest.mark.parametrize(
    "address",
    [
        "{store}/elsewhere/a.tar.gz",
        "{store}/files/../elsewhere",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "{store}@127.0.0.1/files/",
        "not an address",
    ],
)
def test_an_address_outside_the_boundary_is_off_limits(
    jenkins: JenkinsStand, store: JenkinsStand, address: str
) -> None:
    build_id = dotenv(jenkins, f"PACKAGE_URL={address.format(store=store.url)}")
    with pytest.raises(OffLimits):
        fetched(with_store(jenkins, store, url("PACKAGE_URL")), build_id)
    assert store.requests == []


def test_a_missing_variable_says_which_there_are(
    jenkins: JenkinsStand, store: JenkinsStand
) -> None:
    build_id = dotenv(jenkins, "A=1\nB=2\n")
    with pytest.raises(PackageMissing, match="has no variable PACKAGE_URL; it has: A, B"):
        fetched(with_store(jenkins, store, url("PACKAGE_URL")), build_id)


def test_a_missing_dotenv_artifact_says_what_there_is(
    jenkins: JenkinsStand, store: JenkinsStand
) -> None:
    build_id = dotenv(jenkins, "A=1\n", "other.env")
    with pytest.raises(PackageMissing, match=r"slipway\.env"):
        fetched(with_store(jenkins, store, url("A")), build_id)


def test_an_address_that_wants_a_credential_is_refused(
    jenkins: JenkinsStand, store: JenkinsStand
) -> None:
    build_id = dotenv(jenkins, f"PACKAGE_URL={store.url}/files/a.tar.gz")
    store.heal()
    with pytest.raises(ServerRefused, match="answered with the status 403"):
        fetched(with_store(jenkins, store, url("PACKAGE_URL")), build_id)

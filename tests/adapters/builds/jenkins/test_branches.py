"""Multibranch projects and folders: which job is meant, and that no name leads anywhere else."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.adapters.builds.jenkins.changes import ref_of_job
from slipway.adapters.builds.jenkins.jobs import branch_name, branch_path, project_path, ref_of
from slipway.core.builds.state import SeenStatus
from slipway.core.reading.jenkins_notice import parse_jenkins
from slipway.ports.builds import ServerRefused
from tests.adapters.builds.jenkins.orders import SHA, order, running, server
from tests.stands.jenkins import JenkinsStand
from tests.stands.jenkins_state import encode_branch

BRANCHES = (
    "main",
    "feature/x",
    "release/1.0",
    "100%",
    "a%2Fb",
    "what?",
    "issue#7",
    "[draft]",
    "发布/一",
    "-oProxyCommand=x",
    "$(id)",
    "a'b\"c",
    "<script>",
    "a b",
    "a;b=c",
    "a&b=c",
    "queue:7",
)


@pytest.fixture
def jenkins() -> Iterator[JenkinsStand]:
    with JenkinsStand() as stand:
        stand.add_multibranch("team/shop", BRANCHES)
        yield stand


@pytest.mark.parametrize("ref", BRANCHES)
def test_each_ref_builds_its_own_branch(jenkins: JenkinsStand, ref: str) -> None:
    wanted = order(jenkins, "team/shop", ref=ref)
    build_id, build = running(jenkins, wanted)
    assert build.job.name == encode_branch(ref)
    assert build_id == f"{encode_branch(ref)}/1"
    jenkins.append_log(build, "hello\n")
    jenkins.succeed(build, commit=SHA, artifacts={"a.tar.gz": b"bytes"})
    seen = server.look(wanted, build_id)
    assert (seen.status, seen.ref, seen.id) == (SeenStatus.SUCCESS, ref, build_id)
    assert server.log(wanted, build_id, "").text == "hello\n"
    with server.fetch(wanted, build_id) as package:
        assert b"".join(package.chunks) == b"bytes"


def test_a_slash_in_a_branch_is_encoded_twice(jenkins: JenkinsStand) -> None:
    server.start(order(jenkins, "team/shop", ref="feature/x"))
    paths = {request.path for request in jenkins.requests if request.method == "POST"}
    assert paths == {"/job/team/job/shop/job/feature%252Fx/buildWithParameters"}


@pytest.mark.parametrize(
    "ref",
    [
        "",
        ".",
        "..",
        "../billing",
        "a/../../b",
        "%2e%2e%2fx",
        "a\\b",
        "a\nb",
        "a\0b",
        "\u202ex",
        "x" * 3000,
    ],
)
def test_a_ref_that_is_no_branch_is_refused_and_nothing_is_built(
    jenkins: JenkinsStand, ref: str
) -> None:
    jenkins.add_job("team/billing")
    with pytest.raises(ServerRefused):
        server.start(order(jenkins, "team/shop", ref=ref))
    assert jenkins.orders == 0
    assert not any(request.method == "POST" for request in jenkins.requests)


def test_a_new_branch_says_that_jenkins_has_not_seen_it(jenkins: JenkinsStand) -> None:
    with pytest.raises(ServerRefused, match="has no job for “feature/y”") as refusal:
        server.resolve(order(jenkins, "team/shop", ref="feature/y"))
    assert "Scan" in refusal.value.hint


def test_a_branch_that_was_never_built_says_why_it_cannot_be(jenkins: JenkinsStand) -> None:
    jenkins.add_multibranch("fresh", ("main",), parameters=())
    with pytest.raises(ServerRefused, match="SLIPWAY_BUILD") as refusal:
        server.start(order(jenkins, "fresh"))
    assert "built once" in refusal.value.hint


def test_a_branch_that_cannot_be_told_a_commit_is_not_built_for_one(jenkins: JenkinsStand) -> None:
    with pytest.raises(ServerRefused, match="does not declare: COMMIT"):
        server.start(order(jenkins, "team/shop", commit=SHA))
    assert jenkins.orders == 0


def test_builds_of_all_branches_are_listed_and_can_be_asked_for(jenkins: JenkinsStand) -> None:
    branches = jenkins.jobs["team"].children["shop"].children
    times = iter(range(1_700_000_000_000, 1_800_000_000_000, 60_000))
    jenkins.clock = lambda: next(times)
    jenkins.succeed(jenkins.run(branches["main"]), commit=SHA)
    jenkins.run(branches["feature%2Fx"])
    since = datetime.fromtimestamp(1_700_000_000, UTC) - timedelta(days=1)
    anything = order(jenkins, "team/shop", ref="main")
    found = server.list_recent(anything, since)
    assert [(b.id, b.ref) for b in found] == [("feature%2Fx/1", "feature/x"), ("main/1", "main")]
    assert [server.look(anything, build.id) for build in found] == list(found)


def test_the_notice_of_a_branch_leads_to_its_build(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins, "team/shop", ref="feature/x")
    build_id, build = running(jenkins, wanted)
    told = {"url": build.job.path, "build": {"number": build.number, "phase": "STARTED"}}
    notice = parse_jenkins(told)
    assert notice is not None
    assert notice.build_id("team/shop") == build_id


def test_an_order_is_found_on_its_branch(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins, "team/shop", ref="feature/x")
    server.start(wanted)
    item = jenkins.newest_item()
    jenkins.leave_queue(item)
    jenkins.expire_item(item)
    found = server.find(wanted)
    assert found is not None
    assert found.id == "feature%2Fx/1"
    assert server.look(wanted, "queue:1").id == found.id


def test_a_folder_is_no_job(jenkins: JenkinsStand) -> None:
    with pytest.raises(ServerRefused, match="is a folder"):
        server.start(order(jenkins, "team"))


@pytest.mark.parametrize("project", ["", "/", "..", "team/../team/shop", "https://x/y", "a\nb"])
def test_what_is_no_path_of_a_job_is_refused(jenkins: JenkinsStand, project: str) -> None:
    with pytest.raises(ServerRefused):
        server.resolve(order(jenkins, project))


refs = st.text(min_size=1, max_size=60)


@settings(deadline=None)
@given(refs)
def test_a_branch_is_one_step_of_a_path_and_reads_back(ref: str) -> None:
    name = branch_name(ref)
    assert name == encode_branch(ref)
    assert ref_of(name) == ref_of_job(ref)
    path = branch_path("team/shop", name)
    assert path.isascii()
    assert path.startswith("job/team/job/shop/job/")
    assert path.count("/") == project_path("team/shop").count("/") + 2

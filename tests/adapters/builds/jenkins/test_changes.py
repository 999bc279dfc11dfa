"""Change requests are no branches: a star does not mean them, and who asks for one says so."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from slipway.adapters.builds.jenkins.jobs import branch_name
from slipway.core.builds.settings import matches
from slipway.core.reading.jenkins_notice import parse_jenkins
from slipway.ports.builds import ServerRefused
from tests.adapters.builds.jenkins.orders import OTHER_SHA, SHA, order, running, server
from tests.stands.jenkins import JenkinsStand

PARAMETERS = ("SLIPWAY_BUILD", "REF")
CHANGES = ("PR-12", "PR-12-head", "PR-12-merge", "PR-12-merged", "MR-3", "MR-3-head")
BRANCHES = ("PR-x", "PR-12x", "feature/PR-12", "MR", "PR-", "pr/12", "XPR-12")
OFTEN = datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture
def jenkins() -> Iterator[JenkinsStand]:
    with JenkinsStand() as stand:
        stand.add_job("team/billing")
        stand.add_multibranch("team/shop", (*CHANGES, *BRANCHES), PARAMETERS)
        yield stand


def refs_of(jenkins: JenkinsStand, project: str) -> set[str]:
    return {seen.ref for seen in server.list_recent(order(jenkins, project), OFTEN)}


def test_jobs_of_change_requests_have_a_ref_that_says_so(jenkins: JenkinsStand) -> None:
    for job in jenkins.jobs["team"].children["shop"].children.values():
        jenkins.run(job)
    refs = refs_of(jenkins, "team/shop")
    assert refs == {*BRANCHES, *(f"refs/change-requests/{name}" for name in CHANGES)}
    assert {ref for ref in refs if matches(ref, ["*"])} == set(BRANCHES)
    assert matches("refs/change-requests/PR-12", ["refs/change-requests/PR-*"])


@pytest.mark.parametrize(
    "parameters",
    [
        {"REF": "origin/pr/12/merge"},
        {"REF": "pr/12/head"},
        {"REF": "pull-requests/12/from"},
        {"REF": "merge-requests/12"},
        {"REF": "refs/pull/12/head"},
        {"REF": "main", "ghprbPullId": "12"},
        {"REF": "main", "gitlabMergeRequestIid": "12"},
    ],
)
def test_what_a_job_without_branches_builds_of_one_is_one(
    jenkins: JenkinsStand, parameters: dict[str, str]
) -> None:
    jenkins.run(jenkins.jobs["team"].children["billing"], **parameters)
    [ref] = refs_of(jenkins, "team/billing")
    assert not matches(ref, ["*"])
    assert matches(ref, ["refs/*"])


def test_so_is_what_was_checked_out_where_no_parameter_says_it(jenkins: JenkinsStand) -> None:
    job = jenkins.add_job("plain", ("SLIPWAY_BUILD",))
    build = jenkins.run(job)
    build.ref = "pr/12/merge"
    jenkins.succeed(build, commit=SHA)
    assert refs_of(jenkins, "plain") == {"refs/change-requests/pr/12/merge"}


@pytest.mark.parametrize("name", ["main", "pr/12/fix", "pr/fix", "pull/request"])
def test_a_branch_that_is_called_nearly_so_stays_a_branch(jenkins: JenkinsStand, name: str) -> None:
    jenkins.run(jenkins.jobs["team"].children["billing"], REF=name)
    assert refs_of(jenkins, "team/billing") == {name}


def test_a_change_request_is_built_for_who_asks_for_it_as_one(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins, "team/shop", ref="refs/change-requests/PR-12")
    build_id, build = running(jenkins, wanted)
    assert (build_id, build.parameters["REF"]) == ("PR-12/1", "PR-12")
    build.libraries.append((OTHER_SHA, "refs/remotes/origin/v2"))
    jenkins.succeed(build, commit=SHA)
    seen = server.look(wanted, build_id)
    assert (seen.ref, seen.commit) == ("refs/change-requests/PR-12", SHA)
    found = server.find(wanted)
    assert found is not None
    assert found.id == build_id


@pytest.mark.parametrize(
    ("project", "ref", "whole"),
    [
        ("team/shop", "PR-12", "refs/change-requests/PR-12"),
        ("team/billing", "origin/pr/12/merge", "refs/change-requests/pr/12/merge"),
    ],
)
def test_a_change_request_that_is_asked_for_as_a_branch_is_refused(
    jenkins: JenkinsStand, project: str, ref: str, whole: str
) -> None:
    for ask in (server.resolve, server.start):
        with pytest.raises(ServerRefused, match="is a change request, no branch") as refused:
            ask(order(jenkins, project, ref=ref))
        assert whole in refused.value.hint
    assert jenkins.orders == 0
    server.start(order(jenkins, project, ref=whole))
    assert jenkins.newest_item().parameters["REF"] == ref.removeprefix("origin/")


def test_the_notice_of_one_leads_to_its_build(jenkins: JenkinsStand) -> None:
    build = jenkins.run(jenkins.jobs["team"].children["shop"].children["PR-12"])
    told = {"url": build.job.path, "build": {"number": build.number, "phase": "STARTED"}}
    notice = parse_jenkins(told)
    assert notice is not None
    build_id = notice.build_id("team/shop")
    assert build_id == "PR-12/1"
    seen = server.look(order(jenkins, "team/shop"), build_id)
    assert seen.ref == "refs/change-requests/PR-12"


def test_a_ref_that_only_begins_so_is_no_change_request() -> None:
    assert branch_name("refs/change-requests/main") == "refs%2Fchange-requests%2Fmain"

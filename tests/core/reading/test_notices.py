"""Notices of GitLab and Jenkins: what is read from them, and that nothing else can happen."""

import copy
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.reading.gitlab_notice import PipelineNotice, PushNotice, parse_gitlab
from slipway.core.reading.jenkins_notice import JenkinsNotice, parse_jenkins
from slipway.core.words.refusal import Invalid

SHA = "bcbb5ec396a2c0f828686f14fac9b80b780504f2"
NOBODY = "0" * 40

PIPELINE: dict[str, Any] = {
    "object_kind": "pipeline",
    "object_attributes": {
        "id": 31,
        "iid": 3,
        "ref": "release/1",
        "tag": False,
        "sha": SHA,
        "status": "success",
        "variables": [{"key": "SLIPWAY_BUILD", "value": "b-7"}],
    },
    "project": {"id": 15, "path_with_namespace": "team/billing", "web_url": "https://git/x"},
    "builds": [],
}
PUSH: dict[str, Any] = {
    "object_kind": "push",
    "before": NOBODY,
    "after": SHA,
    "checkout_sha": SHA,
    "ref": "refs/heads/feature/x",
    "project_id": 15,
    "project": {
        "id": 15,
        "path_with_namespace": "team/billing",
        "web_url": "https://gitlab.example.com/team/billing",
        "git_ssh_url": "git@gitlab.example.com:team/billing.git",
        "git_http_url": "https://gitlab.example.com/team/billing.git",
        "http_url": "https://gitlab.example.com/team/billing.git",
    },
}
JENKINS: dict[str, Any] = {
    "name": "billing",
    "display_name": "billing",
    "url": "job/team/job/billing/",
    "build": {
        "full_url": "https://jenkins.example.com/job/team/job/billing/18/",
        "number": 18,
        "queue_id": 31,
        "phase": "FINALIZED",
        "status": "SUCCESS",
        "url": "job/team/job/billing/18/",
        "parameters": {"REF": "main"},
    },
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)


def without(body: dict[str, Any], path: tuple[str, ...], value: object) -> dict[str, Any]:
    changed = copy.deepcopy(body)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


def test_a_pipeline_event_names_project_pipeline_ref_and_commit() -> None:
    expected = PipelineNotice("team/billing", "31", "release/1", SHA)
    assert parse_gitlab("Pipeline Hook", PIPELINE) == expected


def test_a_child_pipeline_is_part_of_its_parents_build() -> None:
    child = without(PIPELINE, ("object_attributes", "source"), "parent_pipeline")
    child["source_pipeline"] = {"project": {"id": 15}, "job_id": 7, "pipeline_id": 30}
    assert parse_gitlab("Pipeline Hook", child) is None
    triggered = without(PIPELINE, ("object_attributes", "source"), "pipeline")  # by another project
    assert parse_gitlab("Pipeline Hook", triggered) is not None


def test_a_push_names_the_branch_and_each_url_once() -> None:
    urls = (
        "https://gitlab.example.com/team/billing.git",
        "git@gitlab.example.com:team/billing.git",
        "https://gitlab.example.com/team/billing",
    )
    assert parse_gitlab("Push Hook", PUSH) == PushNotice("team/billing", urls, "feature/x", SHA)


def test_a_deleted_branch_does_not_concern_us() -> None:
    assert parse_gitlab("Push Hook", PUSH | {"after": NOBODY, "checkout_sha": None}) is None


@pytest.mark.parametrize("event", ["Tag Push Hook", "Job Hook", "System Hook", "", "push hook"])
def test_other_events_do_not_concern_us(event: str) -> None:
    assert parse_gitlab(event, {"anything": 1}) is None


PIPELINE_PATHS = [
    ("object_attributes",),
    ("object_attributes", "id"),
    ("object_attributes", "ref"),
    ("object_attributes", "sha"),
    ("project",),
    ("project", "path_with_namespace"),
]
PUSH_PATHS = [
    ("ref",),
    ("after",),
    ("project",),
    ("project", "path_with_namespace"),
    ("project", "git_ssh_url"),
]
JENKINS_PATHS = [("url",), ("build",), ("build", "number"), ("build", "phase")]
HOSTILE = [True, 0, -1, 2**63, "", "a\0b", "a\nb", "x" * 5000, [], {}, 1.5]


@pytest.mark.parametrize("path", PIPELINE_PATHS)
@pytest.mark.parametrize("value", [*HOSTILE, None])
def test_a_pipeline_event_with_a_hostile_value_is_refused(
    path: tuple[str, ...], value: object
) -> None:
    with pytest.raises(Invalid, match="no event of GitLab"):
        parse_gitlab("Pipeline Hook", without(PIPELINE, path, value))


@pytest.mark.parametrize("path", PUSH_PATHS)
@pytest.mark.parametrize("value", HOSTILE)
def test_a_push_with_a_hostile_value_is_refused(path: tuple[str, ...], value: object) -> None:
    with pytest.raises(Invalid, match="no event of GitLab"):
        parse_gitlab("Push Hook", without(PUSH, path, value))


@pytest.mark.parametrize("ref", ["refs/tags/v1", "main", "refs/heads/"])
def test_a_push_of_no_branch_is_refused(ref: str) -> None:
    with pytest.raises(Invalid):
        parse_gitlab("Push Hook", PUSH | {"ref": ref})


def test_a_jenkins_notice_names_job_number_and_phase() -> None:
    assert parse_jenkins(JENKINS) == JenkinsNotice("team/billing", "18", "FINALIZED")


def test_a_branch_of_a_multibranch_project_stays_as_jenkins_writes_it() -> None:
    notice = parse_jenkins(JENKINS | {"url": "job/team/job/billing/job/feature%252Fx/"})
    assert notice == JenkinsNotice("team/billing/feature%2Fx", "18", "FINALIZED")


@pytest.mark.parametrize(
    ("job", "build_id"),
    [
        ("team/billing", "18"),
        ("team/billing/feature%2Fx", "feature%2Fx/18"),
        ("team/billing/a/b", None),
        ("team/billing-2", None),
        ("team", None),
        ("other/team/billing", None),
    ],
)
def test_a_notice_names_the_build_as_its_project_does(job: str, build_id: str | None) -> None:
    assert JenkinsNotice(job, "18", "FINALIZED").build_id("team/billing") == build_id


def test_a_notice_of_no_build_does_not_concern_us() -> None:
    assert parse_jenkins(without(JENKINS, ("build", "phase"), "NONE")) is None


@pytest.mark.parametrize("path", JENKINS_PATHS)
@pytest.mark.parametrize("value", [*HOSTILE, None])
def test_a_jenkins_notice_with_a_hostile_value_is_refused(
    path: tuple[str, ...], value: object
) -> None:
    with pytest.raises(Invalid, match="no notice of Jenkins"):
        parse_jenkins(without(JENKINS, path, value))


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example.com/job/billing/",
        "/job/billing/",
        "job/../job/x/../",
        "job/../",
        "job/",
        "view/all/job/billing/",
        "job/a%2Fb/",
        "job/a%00b/",
    ],
)
def test_a_url_that_is_no_path_of_a_job_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        parse_jenkins(JENKINS | {"url": url})


names = st.text(min_size=1, max_size=30).filter(
    lambda n: n.isprintable() and "/" not in n and n not in (".", "..")
)


@given(st.lists(names, min_size=1, max_size=4))
def test_every_path_that_jenkins_can_encode_is_read_back(path: list[str]) -> None:
    url = "".join(f"job/{quote(name, safe='')}/" for name in path)
    notice = parse_jenkins(JENKINS | {"url": url})
    assert notice is not None
    assert notice.job == "/".join(path)


@given(json_values)
def test_any_json_is_parsed_or_invalid(body: object) -> None:
    for event in ("Pipeline Hook", "Push Hook"):
        with pytest.raises(Invalid):
            parse_gitlab(event, body)
    with pytest.raises(Invalid):
        parse_jenkins(body)


def parsed_or_refused(parse: Callable[[], object]) -> object:
    try:
        return parse()
    except Invalid as refusal:
        return f"{refusal} {refusal.hint}"


@given(st.data(), json_values)
def test_a_notice_with_any_value_anywhere_is_parsed_or_invalid(
    data: st.DataObject, value: object
) -> None:
    pipeline = without(PIPELINE, data.draw(st.sampled_from(PIPELINE_PATHS)), value)
    push = without(PUSH, data.draw(st.sampled_from(PUSH_PATHS)), value)
    jenkins = without(JENKINS, data.draw(st.sampled_from(JENKINS_PATHS)), value)
    for answer, notice in (
        (parsed_or_refused(lambda: parse_gitlab("Pipeline Hook", pipeline)), PipelineNotice),
        (parsed_or_refused(lambda: parse_gitlab("Push Hook", push)), PushNotice),
        (parsed_or_refused(lambda: parse_jenkins(jenkins)), JenkinsNotice),
    ):
        assert answer is None or isinstance(answer, notice | str)
        assert len(repr(answer)) < 20_000

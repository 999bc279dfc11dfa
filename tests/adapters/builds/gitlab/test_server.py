"""Pipelines of GitLab as builds: what is sent, and what its answers mean."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from slipway.core.builds.orders import BuildOrder
from slipway.core.builds.state import SeenStatus
from slipway.ports.builds import ServerRefused
from tests.adapters.builds.gitlab.bench import Bench, gitlab_bench
from tests.stands import gitlab_faults as faults


@pytest.fixture
def bench() -> Iterator[Bench]:
    with gitlab_bench() as made:
        yield made


def test_a_start_sends_ref_and_variables_as_data(bench: Bench) -> None:
    nasty = "feature/$(reboot) «ä»&x=1"
    bench.project.commit(nasty, "Try")
    order = bench.order(ref=nasty, variables={"TARGET": "a=b\n'\"", "EMPTY": ""})
    _, pipeline = bench.start(order)
    assert pipeline.ref == nasty
    assert pipeline.variables == {"TARGET": "a=b\n'\"", "EMPTY": "", "SLIPWAY_BUILD": "b-1"}
    sent = next(request for request in bench.stand.requests if request.method == "POST")
    assert sent.path == "/api/v4/projects/shop%2Fbilling/pipeline"
    assert json.loads(sent.body)["ref"] == nasty
    assert sent.headers["private-token"] == bench.stand.token


def test_the_order_cannot_forge_its_correlation(bench: Bench) -> None:
    _, pipeline = bench.start(bench.order(variables={"SLIPWAY_BUILD": "another"}))
    assert pipeline.variables["SLIPWAY_BUILD"] == "b-1"


def test_a_tag_is_a_ref_as_well(bench: Bench) -> None:
    bench.project.tags["v1.0"] = bench.project.branches["main"]
    order = bench.order(ref="v1.0")
    assert bench.server.resolve(order) == bench.project.branches["main"]
    assert bench.start(order)[1].ref == "v1.0"


@pytest.mark.parametrize("ref", ["feature/ä ö&?=#%2F", "a;b|c", "v1.0+x", "100%", "x@{1}"])
def test_a_ref_of_any_characters_is_resolved(bench: Bench, ref: str) -> None:
    sha = bench.project.commit(ref, "Try")
    assert bench.server.resolve(bench.order(ref=ref)) == sha


def test_a_project_may_be_named_by_its_number(bench: Bench) -> None:
    order = replace(bench.order(), project=str(bench.project.id))
    assert bench.server.look(order, bench.server.start(order)).status is SeenStatus.WAITING


def test_gitlab_may_live_below_a_path_of_its_host() -> None:
    with gitlab_bench(root="/git") as bench:
        build_id, _ = bench.start()
        assert bench.server.look(bench.order(), build_id).status is SeenStatus.WAITING
        assert {request.path[:12] for request in bench.stand.requests} == {"/git/api/v4/"}


@pytest.mark.parametrize(
    ("status", "seen", "says"),
    [
        ("created", SeenStatus.WAITING, ""),
        ("waiting_for_resource", SeenStatus.WAITING, "Waiting for another pipeline"),
        ("preparing", SeenStatus.WAITING, ""),
        ("pending", SeenStatus.WAITING, "Waiting for a runner: check."),
        ("running", SeenStatus.RUNNING, ""),
        ("manual", SeenStatus.WAITING, "Waiting for somebody to start a manual job in GitLab."),
        ("scheduled", SeenStatus.WAITING, "A job starts later"),
        ("success", SeenStatus.SUCCESS, ""),
        ("failed", SeenStatus.FAILED, ""),
        ("canceling", SeenStatus.CANCELLED, ""),
        ("canceled", SeenStatus.CANCELLED, ""),
        ("skipped", SeenStatus.FAILED, "GitLab skipped the pipeline"),
        ("invented_later", SeenStatus.WAITING, "GitLab calls it invented_later."),
    ],
)
def test_each_status_of_a_pipeline_means_one_of_ours(
    bench: Bench, status: str, seen: SeenStatus, says: str
) -> None:
    build_id, pipeline = bench.start()
    bench.stand.become(pipeline, status)
    found = bench.server.look(bench.order(), build_id)
    assert found.status is seen
    assert str(found.says or "").startswith(says)
    assert bool(found.says) == bool(says)


def test_what_runs_and_why_it_failed_is_said(bench: Bench) -> None:
    order = bench.order()
    build_id, pipeline = bench.start()
    bench.stand.run(pipeline)
    assert str(bench.server.look(order, build_id).says) == "Running: check."
    pipeline.job("check").allow_failure = True
    bench.stand.fail(pipeline, reason="runner_system_failure")
    failed = bench.server.look(order, build_id).says
    assert str(failed) == "Job package failed: runner system failure."


def test_a_job_that_may_fail_is_no_reason(bench: Bench) -> None:
    build_id, pipeline = bench.start()
    bench.stand.fail(pipeline)
    pipeline.job("check").allow_failure = True
    pipeline.job("check").end("failed", "stuck_or_timeout_failure")
    seen = bench.server.look(bench.order(), build_id)
    assert str(seen.says) == "Job package failed: script failure."


def test_a_broken_configuration_is_the_reason(bench: Bench) -> None:
    build_id, pipeline = bench.start()
    pipeline.yaml_errors = "jobs package config should implement a script"
    bench.stand.fail(pipeline)
    seen = bench.server.look(bench.order(), build_id)
    assert str(seen.says) == ".gitlab-ci.yml: jobs package config should implement a script"


def test_a_build_is_told_with_its_times_and_its_page(bench: Bench) -> None:
    build_id, pipeline = bench.start()
    bench.stand.run(pipeline)
    bench.stand.succeed(pipeline)
    seen = bench.server.look(bench.order(), build_id)
    assert seen.url == f"{bench.stand.url}/shop/billing/-/pipelines/{build_id}"
    assert seen.commit == bench.project.branches["main"]
    assert seen.started_at is not None
    assert seen.finished_at is not None
    assert seen.started_at <= seen.finished_at


def test_a_retried_pipeline_runs_again_under_its_id(bench: Bench) -> None:
    order = bench.order()
    build_id, pipeline = bench.start()
    bench.stand.fail(pipeline)
    assert bench.server.look(order, build_id).status is SeenStatus.FAILED
    bench.stand.retry(pipeline)
    assert bench.server.look(order, build_id).status is SeenStatus.RUNNING
    bench.stand.succeed(pipeline, {"dist/billing.tar.gz": b"second try"})
    assert bench.server.look(order, build_id).status is SeenStatus.SUCCESS
    assert bench.fetch(order, build_id) == ("billing.tar.gz", b"second try")


def test_a_build_is_found_among_many_and_on_another_ref(bench: Bench) -> None:
    bench.project.commit("other", "Try")
    build_id, _ = bench.start(bench.order(ref="other"))
    for number in range(120):  # more than one page
        bench.start(bench.order(correlation=f"b-{number + 2}"))
    found = bench.server.find(bench.order())
    assert found is not None
    assert found.id == build_id


def test_old_pipelines_are_not_searched(bench: Bench) -> None:
    _, pipeline = bench.start()
    pipeline.created_at -= timedelta(hours=25)
    assert bench.server.find(bench.order()) is None
    asked = [request.path for request in bench.stand.requests if "variables" in request.path]
    assert asked == []


def test_a_search_that_may_not_look_finds_nothing_out(bench: Bench) -> None:
    """Else the build would be taken for not started, and be started again."""
    bench.start()
    bench.project.variables_readable = False
    with pytest.raises(ServerRefused, match="403"):
        bench.server.find(bench.order())


def test_recent_builds_are_those_changed_since_the_newest_first(bench: Bench) -> None:
    order = bench.order()
    build_id, ours = bench.start()
    old = bench.stand.push(bench.project)
    old.updated_at -= timedelta(hours=2)
    new = bench.stand.push(bench.project, source="web")
    bench.stand.run(ours)
    since = datetime.now(UTC) - timedelta(hours=1)
    recent = bench.server.list_recent(order, since)
    assert [(seen.id, seen.correlation) for seen in recent] == [
        (build_id, "b-1"),
        (str(new.id), ""),
    ]


def test_recent_builds_are_all_of_several_pages_up_to_a_thousand(bench: Bench) -> None:
    since = datetime.now(UTC) - timedelta(hours=1)
    for _ in range(130):
        bench.stand.push(bench.project)
    assert len(bench.server.list_recent(bench.order(), since)) == 130
    for _ in range(900):
        bench.stand.push(bench.project)
    assert len(bench.server.list_recent(bench.order(), since)) == 1000


def test_commits_between_two_versions_are_told_the_newest_first(bench: Bench) -> None:
    base = bench.project.branches["main"]
    middle = bench.project.commit("main", "Fix rounding", "Bob")
    head = bench.project.commit("main", "Add taxes", "Alice")
    found = bench.server.compare(bench.order(), base, head)
    assert [(c.id, c.title, c.author) for c in found.commits] == [
        (head, "Add taxes", "Alice"),
        (middle, "Fix rounding", "Bob"),
    ]
    assert found.total == 2
    assert found.url == f"{bench.stand.url}/shop/billing/-/compare/{base}...{head}"
    assert found.commits[0].url.endswith(f"/shop/billing/-/commit/{head}")
    assert found.commits[0].at is not None


def test_of_many_commits_a_hundred_are_told_and_all_counted(bench: Bench) -> None:
    base = bench.project.branches["main"]
    for number in range(120):
        head = bench.project.commit("main", f"Step {number}")
    found = bench.server.compare(bench.order(), base, head)
    assert (len(found.commits), found.total) == (100, 120)
    assert found.commits[0].title == "Step 119"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"credential": "wrong"}, "401 Unauthorized"),
        ({"project": "shop/secret"}, "404 Project Not Found"),
        ({"ref": "gone"}, "Reference not found"),
        ({"ref": "locked"}, "sufficient permission"),
    ],
)
def test_gitlab_refuses_in_its_own_words(bench: Bench, change: dict[str, str], words: str) -> None:
    bench.project.commit("locked", "Try")
    bench.project.protected.add("locked")
    bench.project.access_level = 30
    token = change.pop("credential", bench.stand.token)
    order: BuildOrder = replace(bench.order(credential=token), **change)  # type: ignore[arg-type]
    with pytest.raises(ServerRefused) as refused:
        bench.server.start(order)
    assert words in refused.value.message
    assert "gitlab-1" in refused.value.message
    assert refused.value.hint
    assert bench.stand.made == 0


def test_a_guest_may_start_nothing(bench: Bench) -> None:
    bench.project.access_level = 10
    with pytest.raises(ServerRefused, match="403") as refused:
        bench.server.start(bench.order())
    assert "Developer" in refused.value.hint


def test_no_secret_shows_in_a_refusal(bench: Bench) -> None:
    bench.stand.fault(on="POST /pipeline", do=faults.error(403, "403 Forbidden"))
    with pytest.raises(ServerRefused) as refused:
        bench.server.start(bench.order())
    told = f"{refused.value.message} {refused.value.hint} {refused.value.values}"
    assert bench.stand.token not in told
    assert bench.stand.token not in repr(bench.order())

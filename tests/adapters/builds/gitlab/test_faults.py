"""What goes wrong with a GitLab: nothing is built twice, nothing unknown is taken for known."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from slipway.adapters.builds.gitlab.api import GitLabApi
from slipway.adapters.egress.trouble import Unreachable
from slipway.core.builds.state import SeenStatus
from slipway.ports.builds import (
    BuildGone,
    OffLimits,
    ServerRefused,
    ServerTrouble,
    StartUnsure,
)
from tests.adapters.builds.gitlab.bench import USUAL, Bench, gitlab_bench
from tests.stands import gitlab_faults as faults
from tests.stands.gitlab_faults import Fault
from tests.stands.gitlab_http import Storage


@pytest.fixture
def bench() -> Iterator[Bench]:
    with gitlab_bench() as made:
        yield made


@pytest.mark.parametrize(
    ("fault", "made"),
    [
        (faults.silence_after_work(), 1),
        (faults.hang_up_after_work(), 1),
        (faults.drip(), 1),
        (faults.cut(), 1),
        (faults.error(500), 0),
        (faults.error(502, "502 Bad Gateway"), 0),
        (faults.error(503, "503 Service Unavailable"), 0),
        (faults.error(504, "504 Gateway Timeout"), 0),
        (faults.html(), 0),
        (faults.broken_json(), 0),
        (Fault(201, b"{}", {"Content-Type": "application/json"}), 0),
        (Fault(201, b"[]", {"Content-Type": "application/json"}), 0),
        (faults.hang_up(), 0),
    ],
)
def test_an_unclear_answer_to_a_start_is_unsure_and_the_build_is_searched(
    bench: Bench, fault: Fault, made: int
) -> None:
    order = bench.order()
    bench.stand.fault(on="POST /pipeline", do=fault)
    with pytest.raises(StartUnsure) as unsure:
        bench.hasty.start(order)
    assert "gitlab-1" in unsure.value.message
    assert len([r for r in bench.stand.requests if r.method == "POST"]) == 1
    assert bench.stand.made == made
    found = bench.server.find(order)
    assert (found is not None) == bool(made)
    if found is not None:
        assert bench.server.look(order, found.id).status is SeenStatus.WAITING


def test_no_connection_is_no_start(bench: Bench) -> None:
    order = bench.order(base_url="http://127.0.0.1:1")
    with pytest.raises(Unreachable) as trouble:
        bench.server.start(order)
    assert not isinstance(trouble.value, StartUnsure)


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [("7", 7), ("0", 0), ("999999999999", 3600), ("soon", None), ("", None), ("-5", None)],
)
def test_who_asks_too_often_is_told_when_to_come_back(
    bench: Bench, retry_after: str, seconds: int | None
) -> None:
    bench.stand.fault(on="POST /pipeline", do=faults.too_many(retry_after))
    with pytest.raises(ServerTrouble) as trouble:
        bench.server.start(bench.order())
    assert not isinstance(trouble.value, StartUnsure)
    wanted = None if seconds is None else timedelta(seconds=seconds)
    assert trouble.value.retry_after == wanted
    assert len(bench.stand.requests) == 1  # the library did not wait and try again


def test_the_time_to_come_back_may_be_a_date(bench: Bench) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    bench.stand.fault(on="GET /pipelines/*", do=faults.too_many(until))
    with pytest.raises(ServerTrouble) as trouble:
        bench.server.look(bench.order(), "1")
    after = trouble.value.retry_after
    assert after is not None
    assert timedelta(seconds=80) < after <= timedelta(seconds=91)


Call = Callable[[Bench, str], object]
CALLS: dict[str, Call] = {
    "look": lambda bench, build: bench.server.look(bench.order(), build),
    "log": lambda bench, build: bench.server.log(bench.order(), build, ""),
    "find": lambda bench, build: bench.server.find(bench.order()),
    "resolve": lambda bench, build: bench.server.resolve(bench.order()),
    "fetch": lambda bench, build: bench.fetch(bench.order(), build),
    "cancel": lambda bench, build: bench.server.cancel(bench.order(), build),
    "recent": lambda bench, build: bench.server.list_recent(
        bench.order(), datetime.now(UTC) - timedelta(hours=1)
    ),
    "compare": lambda bench, build: bench.server.compare(bench.order(), "main", "main"),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "fault",
    [
        faults.error(500),
        faults.error(503, "503 Service Unavailable"),
        faults.too_many(),
        faults.html(),
        faults.broken_json(),
        faults.hang_up(),
        faults.cut(),
        Fault(200, b'"text"', {"Content-Type": "application/json"}),
        Fault(200, b"[[1]]", {"Content-Type": "application/json"}),
        Fault(200, b'[{"a": 1}]', {"Content-Type": "application/json"}),
        Fault(200, b'{"message": "?"}', {"Content-Type": "application/json"}),
    ],
)
def test_trouble_is_trouble_and_may_pass(bench: Bench, call: str, fault: Fault) -> None:
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline, {"dist/billing.tar.gz": b"x"})
    method = "POST" if call == "cancel" else "GET"
    bench.stand.fault(on=f"{method} *", do=fault, times=100)
    before = len(bench.stand.requests)
    with pytest.raises(ServerTrouble):
        CALLS[call](bench, build_id)
    assert len(bench.stand.requests) - before == 1  # nothing is asked twice


@pytest.mark.parametrize("call", CALLS)
def test_a_redirect_elsewhere_is_off_limits(bench: Bench, call: str) -> None:
    build_id, _ = bench.start()
    method = "POST" if call == "cancel" else "GET"
    with Storage() as evil:
        bench.stand.fault(on=f"{method} *", do=faults.redirect(f"{evil.url}/api"), times=100)
        with pytest.raises(ServerRefused) as refused:
            CALLS[call](bench, build_id)
        assert evil.url in refused.value.message
        assert evil.requests == []
    assert isinstance(refused.value, OffLimits) or method == "POST"


def test_a_redirect_of_a_start_starts_nothing_elsewhere(bench: Bench) -> None:
    with Storage() as evil:
        bench.stand.fault(on="POST /pipeline", do=faults.redirect(f"{evil.url}/api", 307))
        with pytest.raises(ServerRefused, match="elsewhere"):
            bench.server.start(bench.order())
        assert evil.requests == []


def test_a_next_page_elsewhere_is_not_read(bench: Bench) -> None:
    with Storage() as evil:
        build_id, _ = bench.start()
        link = {
            "Link": f'<{evil.url}/other/v4/x>; rel="next"',
            "Content-Type": "application/json",
        }
        bench.stand.fault(on="GET /pipelines/*/jobs", do=Fault(200, b"[]", link))
        with pytest.raises(OffLimits):
            bench.server.look(bench.order(), build_id)
        assert evil.requests == []


def test_empty_pages_without_end_come_to_an_end(bench: Bench) -> None:
    where = f"{bench.stand.url}/api/v4/projects/shop%2Fbilling/pipelines"
    link = {"Link": f'<{where}?page=2>; rel="next"', "Content-Type": "application/json"}
    bench.stand.fault(on="GET /pipelines", do=Fault(200, b"[]", link), times=1000)
    with GitLabApi(bench.stand.access(), limits=USUAL) as api:
        assert list(api.list("/projects/shop%2Fbilling/pipelines", 3)) == []
    assert len(bench.stand.requests) == 3


@pytest.mark.parametrize("token", ["glpat-x\n", "glpat-é"])
def test_a_token_that_cannot_be_sent_is_refused_and_not_shown(bench: Bench, token: str) -> None:
    with pytest.raises(ServerRefused, match="PRIVATE-TOKEN has characters") as refused:
        bench.server.resolve(bench.order(credential=token))
    assert "glpat" not in f"{refused.value.message} {refused.value.values}"
    assert bench.stand.requests == []


def test_a_gitlab_that_believes_in_another_address_of_its_own_is_read_all_the_same(
    bench: Bench,
) -> None:
    """Behind a proxy the links of its pages often lead to a name that only it knows."""
    bench.stand.world.web = "https://gitlab.inside.example"
    for number in range(120):
        bench.start(bench.order(correlation=f"b-{number + 2}"))
    assert bench.server.find(bench.order()) is None
    pages = [r for r in bench.stand.requests if r.path.endswith("/pipelines")]
    assert [page.query.get("page") for page in pages] == [None, "2", None, "2"]


def test_a_deleted_pipeline_is_gone(bench: Bench) -> None:
    build_id, pipeline = bench.start()
    bench.stand.delete(pipeline)
    with pytest.raises(BuildGone, match=f"pipeline {build_id}") as gone:
        bench.server.look(bench.order(), build_id)
    assert gone.value.hint


def test_a_pipeline_deleted_while_it_is_searched_is_passed_over(bench: Bench) -> None:
    bench.start(bench.order(correlation="b-2"))
    bench.stand.fault(on="GET /variables", do=faults.error(404, "404 Not found"))
    assert bench.server.find(bench.order()) is None


def test_a_cancelled_pipeline_is_cancelled(bench: Bench) -> None:
    build_id, pipeline = bench.start()
    bench.stand.cancel(pipeline)
    assert bench.server.look(bench.order(), build_id).status is SeenStatus.CANCELLED


def test_the_token_went_nowhere_but_to_gitlab(bench: Bench) -> None:
    """Everything above the API's paths, and elsewhere, was never asked."""
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline, {"dist/billing.tar.gz": b"x"})
    for call in CALLS.values():
        call(bench, build_id)
    host = bench.stand.url.removeprefix("http://")
    assert {request.headers["host"] for request in bench.stand.requests} == {host}
    assert all(request.path.startswith("/api/v4/") for request in bench.stand.requests)


def test_gitlab_over_https_with_an_authority_of_its_own() -> None:
    with gitlab_bench(tls=True) as bench:
        build_id, _ = bench.start()
        assert bench.server.look(bench.order(), build_id).status is SeenStatus.WAITING
        with pytest.raises(Unreachable, match="not trusted"):
            bench.server.look(bench.order(ca_certificate=""), build_id)

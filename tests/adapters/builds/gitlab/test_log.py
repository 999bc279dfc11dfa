"""The log of a pipeline: every job's, under its name, each byte once."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slipway.core.builds.seen import LogPiece
from tests.adapters.builds.gitlab.bench import Bench, gitlab_bench
from tests.stands import gitlab_faults as faults
from tests.stands.gitlab_state import Pipeline

PIECE = 256 * 1024


@pytest.fixture
def bench() -> Iterator[Bench]:
    with gitlab_bench() as made:
        yield made


@pytest.fixture
def running(bench: Bench) -> tuple[Bench, str, Pipeline]:
    build_id, pipeline = bench.start()
    bench.stand.run(pipeline)
    return bench, build_id, pipeline


Running = tuple[Bench, str, Pipeline]


def read_on(bench: Bench, build_id: str, position: str) -> LogPiece:
    return bench.server.log(bench.order(), build_id, position)


def read_all(bench: Bench, build_id: str) -> str:
    whole, position = "", ""
    while (piece := read_on(bench, build_id, position)).text:
        whole, position = whole + piece.text, piece.position
    return whole


def test_a_build_that_has_not_begun_has_printed_nothing(bench: Bench) -> None:
    build_id, _ = bench.start()
    assert read_on(bench, build_id, "").text == ""


def test_each_job_prints_under_its_name(running: Running) -> None:
    bench, build_id, pipeline = running
    bench.stand.print(pipeline, "all well\n", job="check")
    bench.stand.run(pipeline)
    bench.stand.print(pipeline, "packing\n", job="package")
    wanted = "=== check (test) ===\nall well\n=== package (build) ===\npacking\n"
    assert read_on(bench, build_id, "").text == wanted


def test_jobs_that_print_in_turn_are_told_apart(running: Running) -> None:
    bench, build_id, pipeline = running
    bench.stand.print(pipeline, "one ", job="check")
    first = read_on(bench, build_id, "")
    bench.stand.print(pipeline, "other", job="package")
    second = read_on(bench, build_id, first.position)
    bench.stand.print(pipeline, "two\n", job="check")
    third = read_on(bench, build_id, second.position)
    assert first.text == "=== check (test) ===\none "
    assert second.text == "\n=== package (build) ===\nother"
    assert third.text == "\n=== check (test) ===\ntwo\n"


def test_a_retried_job_shows_both_its_tries(running: Running) -> None:
    bench, build_id, pipeline = running
    bench.stand.print(pipeline, "no disk\n", job="check")
    bench.stand.fail(pipeline, job="check")
    first = read_on(bench, build_id, "")
    bench.stand.retry(pipeline)
    bench.stand.print(pipeline, "fine\n", job="check")
    second = read_on(bench, build_id, first.position)
    assert first.text == "=== check (test) ===\nno disk\n"
    assert second.text == "=== check (test, try 2) ===\nfine\n"


def test_a_character_is_never_cut(running: Running) -> None:
    bench, build_id, pipeline = running
    bench.stand.print(pipeline, b"price: " + "€".encode()[:2], job="check")
    first = read_on(bench, build_id, "")
    bench.stand.print(pipeline, "€".encode()[2:] + b" 5\n", job="check")
    second = read_on(bench, build_id, first.position)
    assert first.text.endswith("price: ")
    assert second.text == "€ 5\n"


def test_what_is_no_text_is_shown_as_such_once_the_job_is_over(running: Running) -> None:
    bench, build_id, pipeline = running
    bench.stand.print(pipeline, b"broken \xe2\x82", job="check")
    bench.stand.fail(pipeline, job="check")
    assert read_on(bench, build_id, "").text.endswith("broken \N{REPLACEMENT CHARACTER}")


def test_a_job_read_to_its_end_is_not_asked_again(running: Running) -> None:
    bench, build_id, pipeline = running
    bench.stand.print(pipeline, "well\n", job="check")
    bench.stand.run(pipeline)
    bench.stand.print(pipeline, "packing\n", job="package")
    position = read_on(bench, build_id, "").position
    before = len(bench.stand.requests)
    read_on(bench, build_id, position)
    asked = [r.path for r in bench.stand.requests[before:] if r.path.endswith("/trace")]
    assert asked == [f"/api/v4/projects/shop%2Fbilling/jobs/{pipeline.job('package').id}/trace"]


def test_a_long_log_comes_in_pieces_of_at_most_a_quarter_mebibyte(running: Running) -> None:
    bench, build_id, pipeline = running
    printed = {"check": "ä" * 400_000 + "\n", "package": "line\r\n" * 100_000}
    for job, text in printed.items():
        bench.stand.print(pipeline, text, job=job)
    bench.stand.succeed(pipeline)
    position, pieces = "", []
    while (piece := read_on(bench, build_id, position)).text:
        position = piece.position
        pieces.append(piece.text)
        assert len(piece.text.encode()) <= PIECE
    wanted = (
        f"=== check (test) ===\n{printed['check']}=== package (build) ===\n{printed['package']}"
    )
    assert "".join(pieces) == wanted
    assert len(pieces) == 6


def test_a_hundred_jobs_are_read(bench: Bench) -> None:
    bench.project.job_names = tuple(("test", f"job {number}") for number in range(150))
    build_id, pipeline = bench.start()
    for number in range(150):
        bench.stand.print(pipeline, f"{number}\n", job=f"job {number}")
    assert read_on(bench, build_id, "").text.count("===\n") == 150


def test_an_erased_log_is_no_trouble(running: Running) -> None:
    bench, build_id, pipeline = running
    bench.stand.print(pipeline, "secret\n", job="check")
    bench.stand.fault(on="GET /trace", do=faults.error(404, "404 Not found"))
    assert read_on(bench, build_id, "").text == ""


@pytest.mark.parametrize("position", ["x", "[]", '{"at": 5}', '{"at": {"a": 1}}', "null", "7"])
def test_a_position_that_is_none_begins_anew(running: Running, position: str) -> None:
    bench, build_id, pipeline = running
    bench.stand.print(pipeline, "well\n", job="check")
    assert read_on(bench, build_id, position).text == "=== check (test) ===\nwell\n"


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=8))
def test_whatever_is_printed_arrives_once(bench: Bench, prints: list[str]) -> None:
    build_id, pipeline = bench.start()
    bench.stand.run(pipeline)
    whole, position = "", ""
    for text in prints:
        for half in (text.encode()[:-1], text.encode()[-1:]):
            bench.stand.print(pipeline, half, job="check")
            piece = read_on(bench, build_id, position)
            whole, position = whole + piece.text, piece.position
    assert whole.removeprefix("=== check (test) ===\n") == "".join(prints)
    assert read_all(bench, build_id) == whole

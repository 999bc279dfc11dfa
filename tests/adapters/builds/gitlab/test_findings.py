"""The test of a GitLab tells what works, what not, and what to do."""

from collections.abc import Iterator

import pytest

from slipway.core.builds.seen import Finding
from tests.adapters.builds.gitlab.bench import Bench, gitlab_bench
from tests.stands import gitlab_faults as faults


@pytest.fixture
def bench() -> Iterator[Bench]:
    with gitlab_bench() as made:
        yield made


def found(bench: Bench, project: str = "shop/billing", **access: object) -> tuple[Finding, ...]:
    return bench.server.test(bench.stand.access(**access), project)


def bad(findings: tuple[Finding, ...]) -> list[str]:
    assert all(finding.hint for finding in findings if not finding.works)
    return [finding.what for finding in findings if not finding.works]


def test_all_that_works_is_said(bench: Bench) -> None:
    bench.start()
    assert [finding.what for finding in found(bench)] == [
        f"GitLab 18.5.0 answers at {bench.stand.url}.",
        "The token crosses the network unencrypted.",
        "The token “slipway” is accepted, has the scopes api, and expires on 2099-01-01.",
        "The project shop/billing is visible.",
        "With the role Maintainer it can start pipelines in shop/billing.",
        "The variables of pipelines can be read.",
        "A runner is online for shop/billing.",
    ]
    assert bad(found(bench)) == []


def test_a_trusted_certificate_is_said() -> None:
    with gitlab_bench(tls=True) as bench:
        assert "Its certificate is trusted." in [each.what for each in found(bench)]
        (trouble,) = found(bench, ca_certificate="")
        assert "not trusted" in trouble.what
        assert "certificate" in trouble.hint


@pytest.mark.parametrize(
    ("access", "words"),
    [
        ({"base_url": "http://127.0.0.1:1"}, "refuses connections"),
        ({"base_url": "gitlab.example.com"}, "no plain http or https address"),
        ({"base_url": "http://169.254.169.254"}, "never go to 169.254.169.254"),
        ({"credential": "wrong"}, "401 Unauthorized"),
        ({"credential": "copied with a line break\n"}, "characters that cannot be sent"),
        ({"ca_certificate": "nonsense"}, "cannot be read"),
        ({"proxy": "nonsense"}, "proxy"),
    ],
)
def test_what_keeps_us_from_gitlab_is_one_finding(
    bench: Bench, access: dict[str, str], words: str
) -> None:
    (trouble,) = found(bench, **access)
    assert not trouble.works
    assert words in trouble.what
    assert trouble.hint


def test_another_web_server_is_no_gitlab(bench: Bench) -> None:
    (trouble,) = found(bench, base_url=f"{bench.stand.url}/wiki")
    assert trouble.what == f"There is no GitLab at {bench.stand.url}/wiki."
    bench.stand.fault(on="GET /version", do=faults.html())
    (trouble,) = found(bench)
    assert "not GitLab's" in trouble.what


def test_a_token_that_may_only_read_is_found(bench: Bench) -> None:
    bench.stand.world.scopes = ("read_api",)
    (words,) = bad(found(bench))
    assert "has the scopes read_api" in words


def test_a_token_that_says_nothing_of_itself_is_no_trouble(bench: Bench) -> None:
    bench.stand.fault(on="GET /self", do=faults.error(404, "404 Not Found"))
    assert bad(found(bench)) == []


def test_a_project_that_is_not_visible_is_found(bench: Bench) -> None:
    (words,) = bad(found(bench, project="shop/secret"))
    assert "404 Project Not Found" in words


def test_no_project_needs_to_be_named(bench: Bench) -> None:
    assert len(found(bench, project="")) == 3


def test_a_role_too_low_is_found(bench: Bench) -> None:
    bench.project.access_level = 20
    assert "With the role Reporter it cannot start pipelines in shop/billing." in bad(found(bench))


@pytest.mark.parametrize(
    ("role", "level", "refused"),
    [
        ("developer", 30, False),
        ("maintainer", 30, True),
        ("maintainer", 40, False),
        ("owner", 40, True),
        ("no_one_allowed", 50, True),
    ],
)
def test_a_project_that_takes_no_variables_is_found(
    bench: Bench, role: str, level: int, refused: bool
) -> None:
    bench.project.variables_role, bench.project.access_level = role, level
    words = "The project lets the token set no pipeline variables."
    assert (words in bad(found(bench))) == refused


def test_variables_that_cannot_be_read_are_found(bench: Bench) -> None:
    bench.start()
    bench.project.variables_readable = False
    (words,) = bad(found(bench))
    assert words.startswith("The variables of pipelines cannot be read")


def test_no_runner_is_found(bench: Bench) -> None:
    bench.project.runners_online = 0
    assert bad(found(bench)) == ["No runner is online for shop/billing."]


def test_a_test_never_raises(bench: Bench) -> None:
    for fault in (faults.error(500), faults.too_many(), faults.broken_json(), faults.hang_up()):
        for on in ("GET /version", "GET /self", "GET /shop*billing", "GET /pipelines"):
            bench.stand.fault(on=on, do=fault)
            assert len(bad(found(bench))) == 1

"""What lies between versions, and where a version goes next."""

from slipway.records.catalog.models import BuildServer
from tests.interfaces.people import Person
from tests.interfaces.web.building import (
    answer_comparisons,
    make_build,
)
from tests.interfaces.web.conftest import V1, Visit
from tests.interfaces.web.reading import page


def test_commits_are_asked_for_once_and_shown_when_they_are_there(
    gitlab: BuildServer, alice: Person, visit: Visit
) -> None:
    drive = make_build()
    browser = visit(alice)
    for _look in range(2):
        text = page(browser, drive.page)
        assert "Not yet in prod" in text
        assert "Asking the build server…" in text
    assert answer_comparisons("Mend the <b>ledger</b>", "Add tax", total=120) == 1
    text = page(browser, drive.page)
    assert "120 commits" in text
    assert "Mend the &lt;b&gt;ledger&lt;/b&gt;" in text
    assert "and 118 more" in text
    address = f"/services/billing/compare?base={V1}&head={drive.build.version.name}"
    compared = page(browser, address)
    assert "Add tax" in compared
    assert "Package" in compared
    planned = page(browser, "/rollouts/new?service=billing&environment=prod")
    assert "Add tax" in planned


def test_a_comparison_that_cannot_be_made_says_why(
    gitlab: BuildServer, admin: Person, visit: Visit
) -> None:
    browser = visit(admin)
    first, second = make_build(), make_build(force=True)
    names = [drive.build.version.name for drive in (first, second)]
    same = page(browser, f"/services/billing/compare?base={names[0]}&head={names[1]}")
    assert "Both are made of the same commit." in same
    nobody = page(browser, f"/services/shop/compare?base={V1}&head={V1}")
    assert "Both are made of the same commit." in nobody
    page(browser, "/services/billing/compare?base=nothing&head=nothing", 404)
    assert "Choose two versions" in page(browser, "/services/billing/compare?base=latest")


def test_a_version_is_promoted_to_the_environment_after_the_last_one_that_runs_it(
    gitlab: BuildServer, alice: Person, visit: Visit
) -> None:
    drive = make_build()
    name = drive.build.version.name
    text = page(visit(alice), drive.page)
    assert "Release to dev" in text
    assert (
        f"/rollouts/new?kind=deploy&amp;service=billing&amp;environment=dev&amp;version={name}"
        in text
    )
    assert "To prod" in text

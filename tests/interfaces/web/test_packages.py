"""Packages and release rules on the pages: what stays and why, what goes by itself."""

import pytest
from django.utils import timezone

from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.operations.services import change_service
from slipway.records.catalog.queries.services import get_service
from slipway.records.releasing.models import ReleaseRule, RetentionRun
from slipway.records.releasing.operations.retention import let_go, request_retention_run
from slipway.records.releasing.retention import preview_retention
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.reading import laid_flat


@pytest.fixture
def choosy(living: None) -> None:
    """billing keeps one package: its newest; V1 runs, so it stays all the same."""
    for name in ("3.0", "4.0"):
        fleet.make_version("billing", name)
    change_service(
        service=get_service("billing"),
        changes={"keep_versions": 1},
        by=Actor.system(),
        now=timezone.now(),
    )


def test_every_package_says_why_it_stays_or_that_it_goes(
    choosy: None, admin: Person, visit: Visit
) -> None:
    text = visit(admin).get("/packages?service=billing").content.decode()
    rows = {name: text.split(f'title="{name}"')[1].split("</tr>")[0] for name in (V1, V2, "4.0")}
    assert "it runs" in rows[V1]
    assert "prod" in rows[V1]
    assert "nothing: it goes with the next run" in rows[V2]
    assert "one of the newest" in rows["4.0"]
    assert "<b>2 packages</b>, 3.8 MB" in laid_flat(text)
    assert "Let them go now" in text


def test_packages_of_services_that_one_may_not_see_are_not_listed(
    choosy: None, alice: Person, charlie: Person, visit: Visit
) -> None:
    text = visit(alice).get("/packages").content.decode()
    assert "billing 4.0" in text
    assert "shop" not in text
    assert "Let them go now" not in text  # she may not
    assert "No packages yet" in visit(charlie).get("/packages").content.decode()
    assert visit(alice).get("/packages?service=shop").status_code == 404


def test_a_run_is_a_wish_of_who_manages_the_service(
    choosy: None, bob: Person, alice: Person, visit: Visit
) -> None:
    assert visit(alice).post("/packages/retention", {"service": "billing"}).status_code == 302
    assert RetentionRun.objects.count() == 0
    browser = visit(bob)
    browser.post("/packages/retention")  # of all services: he may only in his own
    assert RetentionRun.objects.count() == 0
    answer = browser.post("/packages/retention", {"service": "billing"})
    assert answer.headers["Location"] == "/packages?service=billing"
    assert RetentionRun.objects.get().service == get_service("billing")
    text = browser.get("/packages?service=billing").content.decode()
    assert "A worker looks at the packages now." in text
    assert "Last runs" in text


def test_a_run_for_a_service_that_one_may_not_see_is_not_told(
    choosy: None, alice: Person, visit: Visit
) -> None:
    request_retention_run(service=get_service("shop"), by=Actor.system(), now=timezone.now())
    assert "shop" not in visit(alice).get("/packages").content.decode()


def test_what_was_let_go_says_so_wherever_its_version_is_shown(
    choosy: None, alice: Person, visit: Visit
) -> None:
    by, now = Actor.system(), timezone.now()
    for package_id in preview_retention(get_service("billing")).package_ids:
        assert let_go(package_id=package_id, by=by, now=now)
    browser = visit(alice)
    version = browser.get(f"/services/billing/versions/{V2}").content.decode()
    assert "Its package was let go." in version
    assert "Download the package" not in version
    assert "/rollouts/new" not in version
    assert "package let go" in browser.get("/services/billing").content.decode()
    assert "let go" in browser.get("/packages").content.decode()


def test_a_rule_is_set_changed_and_taken_away(living: None, admin: Person, visit: Visit) -> None:
    browser = visit(admin)
    wish = {"environment": "dev", "refs": "main, release/*", "enabled": "1"}
    browser.post("/services/billing/rules", wish)
    rule = ReleaseRule.objects.get()
    assert (rule.refs, rule.enabled) == (["main", "release/*"], True)
    text = browser.get("/services/billing").content.decode()
    assert "The rule for dev is set." in text
    assert "main release/*" in text
    browser.post("/services/billing/rules", {"environment": "dev", "refs": "main"})
    rule.refresh_from_db()
    assert (rule.refs, rule.enabled) == (["main"], False)
    browser.post("/services/billing/rules", {"environment": "dev", "refs": " "})
    assert not ReleaseRule.objects.exists()
    assert "In dev people release again." in browser.get("/services/billing").content.decode()


def test_a_rule_that_cannot_release_says_why_to_all_and_is_changed_by_few(
    living: None, admin: Person, alice: Person, visit: Visit
) -> None:
    visit(admin).post(
        "/services/billing/rules", {"environment": "prod", "refs": "main", "enabled": "1"}
    )
    ReleaseRule.objects.update(
        problem=Sentence.of("ill", "{host} is in maintenance.", hint="Wait.", host="web-1")
    )
    browser = visit(alice)
    text = browser.get("/services/billing").content.decode()
    assert "web-1 is in maintenance." in text
    assert "/services/billing/rules" not in text
    browser.post("/services/billing/rules", {"environment": "prod", "refs": ""})
    assert ReleaseRule.objects.count() == 1
    assert "may not do this" in browser.get("/services/billing").content.decode()

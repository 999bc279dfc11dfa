"""Pages, refusals and checks lead to the paragraph that explains them."""

import re

import pytest
from django.utils import timezone

from slipway.core.words.refusal import Refused
from slipway.interfaces.doctor.findings import findings
from slipway.interfaces.web.frame.explained import CHECKS, REFUSALS
from slipway.records.rollouts.models import Rollout
from slipway.records.workers.models import Worker
from slipway.records.workers.operations import register_worker
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.reading import laid_flat, page

pytestmark = pytest.mark.once

PAGES = {
    "/services": "/docs/howto/finding",
    "/hosts": "/docs/howto/finding",
    "/rollouts": "/docs/howto/finding",
    "/rollouts/new": "/docs/meanings#8-a-plan-is-a-value",
    "/services/billing": "/docs/meanings#1-three-facts-and-who-may-write-them",
    f"/services/billing/versions/{V1}": "/docs/meanings#2-the-way-back",
    "/hosts/web-1": "/docs/meanings#9-what-a-host-says",
    "/rollouts/1": "/docs/operations/operating#what-the-words-of-a-rollout-say",
    "/environments/prod": "/docs/meanings#11-halt-way-back-pause-cancel-ends",
    "/environments/prod/change": "/docs/meanings#6-whose-fault",
    "/services/billing/build": "/docs/howto/builds#3-build",
    "/me": "/docs/operations/security#who-may-do-what",
    "/services/billing/spec": "/docs/release-spec",
    "/services/billing/versions/-/new": "/docs/release-spec#packages",
    "/services/billing/building": "/docs/howto/builds#2-say-how-a-service-is-built",
    "/builds": "/docs/howto/builds#3-build",
    "/build-servers": "/docs/howto/builds#1-name-the-build-server-an-admin-once",
    "/packages": "/docs/howto/builds#6-release-by-itself-promote-clean-up",
    "/audit": "/docs/operations/security#the-audit",
    "/system": "/docs/operations/operating#looking",
    "/people": "/docs/operations/security#who-may-do-what",
    "/people/-/may": "/docs/operations/security#who-may-what-and-why",
    "/environments": "/docs/operations/security#who-may-do-what",
    "/keys": "/docs/operations/security#hosts",
    "/hosts/-/new": "/docs/operations/security#hosts",
    "/hosts/-/import": "/docs/howto/first-service",
}


def codes_of(kind: type[Refused]) -> set[str]:
    return {kind.code}.union(*(codes_of(each) for each in kind.__subclasses__()))


@pytest.mark.parametrize("address", PAGES)
def test_a_page_leads_to_what_explains_it(
    living: None, admin: Person, visit: Visit, address: str
) -> None:
    text = page(visit(admin), address.replace("rollouts/1", f"rollouts/{Rollout.objects.get().pk}"))
    assert f'href="{PAGES[address]}"' in text


def test_a_refusal_leads_to_why(living: None, visit: Visit) -> None:
    text = laid_flat(page(visit(person("vera", ("viewer", "", ""))), "/system", 403))
    to = REFUSALS["forbidden"]
    # What is typed into a form stays in its own tab.
    link = f'<a class="link small explained" href="{to}" target="_blank" rel="noopener">'
    assert link in text.split('<main class="page')[1]


def test_a_check_that_found_something_leads_to_what_helps(
    living: None, admin: Person, visit: Visit
) -> None:
    Worker.objects.all().delete()
    register_worker(worker_id="app-1:4711:0123456789ab", now=timezone.now(), version="0.0.1")
    text = laid_flat(page(visit(admin), "/system"))
    wrong, well = text.split("Workers</h2>")
    assert f'href="{CHECKS["versions"]}"' in wrong
    assert re.findall(r'explained" href="([^"]*)"', well) == []


def test_only_codes_that_there_are_lead_somewhere(living: None) -> None:
    assert REFUSALS.keys() - codes_of(Refused) == set()
    assert CHECKS.keys() - {each.code for each in findings(timezone.now())} == set()


def test_what_stands_in_the_way_of_a_plan_leads_to_why(
    living: None, alice: Person, visit: Visit
) -> None:
    fleet.begin(alice.actor, "upgrade", "billing", "prod", V2)
    wish = {"kind": "upgrade", "service": "billing", "environment": "prod", "version": V2}
    text = visit(alice).post("/rollouts/plan", wish).content.decode()
    assert "billing in prod is busy" in text
    assert f'href="{REFUSALS["active_rollout"]}"' in text

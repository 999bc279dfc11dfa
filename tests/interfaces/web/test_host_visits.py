"""A host's page says what rollouts did there last, as far as the reader may look at them."""

import re

from django.db import connection
from django.test.utils import CaptureQueriesContext

from slipway.core.rollout.value.words import Cause, End
from slipway.records.accounts.rights import Actor
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V2, Visit
from tests.interfaces.web.driving import Drive
from tests.interfaces.web.reading import laid_flat, page


def visits(visit: Visit, who: Person, host: str = "web-1") -> list[str]:
    text = laid_flat(page(visit(who), f"/hosts/{host}"))
    found = re.search(r'<section class="panel" id="visits">(.*?)</section>', text)
    rows = re.findall(r"<li>(.*?)</li>", found[1]) if found else []
    return [re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", row)).strip() for row in rows]


def test_the_newest_of_what_was_done_there_is_first(
    living: None, admin: Person, visit: Visit
) -> None:
    (only,) = visits(visit, admin)
    assert re.fullmatch(r"#\d+ Deploy · billing :8080 main-1111111 slipway · .* succeeded", only)
    drive = Drive.take(fleet.begin(admin.actor, "upgrade", "billing", "prod", V2))
    drive.start(drive.targets()[0])
    drive.fail(drive.targets()[0])
    drive.close(End.HALTED, halted=Cause.VERSION)
    newest, _older = visits(visit, admin)
    assert newest.startswith(f"#{drive.value.number} Upgrade · billing :8080 main-1111111 ")
    assert newest.endswith("failed")
    assert visits(visit, admin, "dev-1") == []


def test_what_one_may_not_look_at_is_not_listed(living: None, visit: Visit) -> None:
    assert visits(visit, person("victor", ("viewer", "shop", "prod"))) == []
    assert len(visits(visit, person("vera", ("viewer", "billing", "prod")))) == 1


def test_many_take_no_more_queries_and_eight_are_shown(
    living: None, admin: Person, visit: Visit
) -> None:
    browser, counts = visit(admin), []
    for _many in range(2):
        with CaptureQueriesContext(connection) as captured:
            assert browser.get("/hosts/web-1").status_code == 200
        counts.append(len(captured))
        for _number in range(9):
            fleet.run(Actor.system(), "restart", "billing", "prod")
    assert counts[1] <= counts[0]
    assert len(visits(visit, admin)) == 8

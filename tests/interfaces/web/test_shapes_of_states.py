"""No state is told by its colour alone: each pill of a list has a shape and a word."""

import re

import pytest

from slipway.core.rollout.value.words import Cause, End
from slipway.core.words.kinds import RolloutStatus
from slipway.interfaces.web.frame.words import state_icon
from slipway.records.fleet.models import Host, HostState
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V2, Visit
from tests.interfaces.web.driving import Drive
from tests.interfaces.web.reading import laid_flat, page

PAGES = ("/", "/services", "/services/billing", "/rollouts", "/hosts", "/hosts/web-1")


@pytest.mark.parametrize("path", PAGES)
def test_each_pill_of_a_list_has_a_shape(
    living: None, admin: Person, visit: Visit, path: str
) -> None:
    drive = Drive.take(fleet.begin(admin.actor, "upgrade", "billing", "prod", V2))
    drive.start(drive.targets()[0])
    drive.fail(drive.targets()[0])
    drive.close(End.HALTED, halted=Cause.VERSION)
    Host.objects.filter(name="web-2").update(state=HostState.UNREACHABLE)
    text = laid_flat(page(visit(admin), path))
    pills = re.findall(
        r'<span class="pill[^"]*is-(?:ok|warn|fail|wait)[^"]*"[^>]*>(.*?)</span>', text
    )
    assert pills
    assert [pill for pill in pills if "<svg" not in pill] == []


def test_states_that_mean_other_things_look_otherwise() -> None:
    icons = {str(state.value): state_icon(state) for state in RolloutStatus}
    assert icons["paused"] != icons["partial"]
    assert icons["cancelled"] != icons["pending"]
    assert icons["succeeded"] != icons["halted"]


def test_what_is_in_order_is_no_pill(living: None, admin: Person, visit: Visit) -> None:
    row = laid_flat(page(visit(admin), "/services")).split('id="s-billing"')[1].split("</tr>")[0]
    assert "In order" in row
    assert "pill" not in row


def test_a_plan_that_changes_nothing_has_no_heading_for_it(
    living: None, admin: Person, visit: Visit
) -> None:
    browser, wish = visit(admin), {"service": "billing", "kind": "restart"}
    assert (
        "plan-moves"
        not in browser.get("/rollouts/new", wish | {"environment": "dev"}).content.decode()
    )
    wish |= {"kind": "upgrade", "version": V2, "environment": "prod"}
    assert "plan-moves" in browser.get("/rollouts/new", wish).content.decode()

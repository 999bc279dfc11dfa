"""`doctor` names the environments that nobody can release to any more."""

from typing import Any

import pytest

from slipway.records.fleet.models import Environment
from tests.interfaces.people import Person

pytestmark = pytest.mark.django_db


def test_an_environment_that_asks_for_approvals_is_named_with_its_way_out(root: Person) -> None:
    root.post("/environments", {"name": "prod"})
    assert found(root)["ok"]
    Environment.objects.filter(name="prod").update(approvals_needed=1)
    finding = found(root)
    assert not finding["ok"]
    assert "prod" in finding["message"]
    assert finding["hint"].endswith("slipway env change prod --approvals 0")
    assert root.patch("/environments/prod", {"approvals_needed": 1}).status_code == 422
    assert root.patch("/environments/prod", {"approvals_needed": 0}).status_code == 200
    assert found(root)["ok"]


def found(root: Person) -> Any:
    items = root.get("/doctor").json()["items"]
    return next(item for item in items if item["code"] == "approvals")

"""Pages of many rows read no more of each than they show: specs, plans and secrets are long."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from slipway.records.accounts.rights import Actor
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, Visit

_WIDE = re.compile(
    r'"(hook_secret|private_key|facts|plan|service_spec|hidden_content|build_log|spec)"'
)


def _tables_read_wide(said: str) -> set[str]:
    """Return what is read wide in a statement that reads instances or targets."""
    columns, _from, rest = said.partition(" FROM ")
    is_of_many = "micro_service_instance" in rest or "rollouts_target" in rest
    return set(_WIDE.findall(columns)) if is_of_many else set()


@pytest.mark.parametrize(
    "address",
    [
        *("/", "/services", "/services?where=state:ill", "/services/shop"),
        *("/services/shop/versions", f"/services/shop/versions/{V1}", "/rollouts", "board", "head"),
    ],
)
def test_of_many_instances_and_targets_nothing_wide_is_read(
    living: None, admin: Person, visit: Visit, address: str
) -> None:
    fleet.run(Actor.system(), "deploy", "shop", "prod", V1, hosts=("web-1",), port=9090)
    rollout = fleet.begin(admin.actor, "restart", "shop", "prod")
    board = {"board": f"/rollouts/{rollout.pk}", "head": f"/rollouts/{rollout.pk}/head"}
    with CaptureQueriesContext(connection) as asked:
        assert visit(admin).get(board.get(address, address)).status_code == 200
    read = [each["sql"] for each in asked]
    assert any("micro_service_instance" in said or "rollouts_target" in said for said in read)
    assert {said: wide for said in read if (wide := _tables_read_wide(said))} == {}


def test_many_instances_of_one_service_name_it_once(
    living: None, admin: Person, visit: Visit
) -> None:
    """Of a thousand rows the same service was made a thousand times, and its secret decrypted."""
    with CaptureQueriesContext(connection) as asked:
        assert visit(admin).get("/services/billing").status_code == 200
    of_instances = [each["sql"] for each in asked if 'FROM "micro_service_instance"' in each["sql"]]
    assert of_instances != []
    assert not [
        said for said in of_instances if '"micro_service"."name"' in said.split(" FROM ")[0]
    ]

"""The list of services says where an environment has an older version than one to its left."""

import re

from slipway.records.accounts.rights import Actor
from slipway.records.rollouts.models import Rollout
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.reading import laid_flat, page


def cells(visit: Visit, who: Person) -> dict[str, bool]:
    text = laid_flat(page(visit(who), "/services"))
    found = re.findall(r'<td[^>]*data-environment="(\w+)"[^>]*>(.*?)</td>', text)
    return {name: ">behind</span>" in cell for name, cell in found}


def in_dev(version: str) -> None:
    kind = "upgrade" if Rollout.objects.filter(environment__name="dev").exists() else "deploy"
    more = {} if kind == "upgrade" else {"hosts": ("dev-1",), "port": 8080}
    fleet.run(Actor.system(), kind, "billing", "dev", version, **more)


def test_who_is_behind_its_left_neighbour_says_so(
    living: None, alice: Person, visit: Visit
) -> None:
    assert cells(visit, alice) == {"dev": False, "prod": False}
    in_dev(V1)
    assert cells(visit, alice) == {"dev": False, "prod": False}
    in_dev(V2)
    assert cells(visit, alice) == {"dev": False, "prod": True}
    assert 'title="dev has a newer version"' in page(visit(alice), "/services")
    fleet.begin(alice.actor, "upgrade", "billing", "prod", V2)
    assert cells(visit, alice) == {"dev": False, "prod": False}  # it is on its way


def test_who_is_ahead_of_its_left_neighbour_is_not_behind(
    living: None, alice: Person, visit: Visit
) -> None:
    in_dev(V1)
    fleet.run(alice.actor, "upgrade", "billing", "prod", V2)
    assert cells(visit, alice) == {"dev": False, "prod": False}

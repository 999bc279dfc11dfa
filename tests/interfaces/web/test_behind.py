"""The list of services says where an environment has an older version than one to its left."""

import re
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from slipway.core.words.roles import Role
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Service, Version
from slipway.records.catalog.operations.services import create_service
from slipway.records.fleet.operations.environments import create_environment
from slipway.records.rollouts.models import Rollout
from tests.emptying import rules_away
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.reading import laid_flat, page


def cells(visit: Visit, who: Person) -> dict[str, bool]:
    text = laid_flat(page(visit(who), "/services"))
    found = re.findall(r'<td[^>]*data-environment="(\w+)"[^>]*>(.*?)</td>', text)
    return {name: " behind</span>" in cell for name, cell in found}


def asked(visit: Visit, who: Person) -> bool:
    """Whether `state:behind` finds it."""
    text = page(visit(who), "/services?where=state:behind")
    return 'href="/services/billing"' in text


def made(version: str, before: timedelta) -> None:
    with rules_away(connection):
        Version.objects.filter(name=version).update(created_at=timezone.now() - before)


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
    assert not asked(visit, alice)
    in_dev(V2)
    assert cells(visit, alice) == {"dev": False, "prod": True}
    assert asked(visit, alice)
    made(V1, timedelta(days=3))
    made(V2, timedelta(hours=1))
    text = laid_flat(page(visit(alice), "/services"))
    later = f'title="dev has {V2}, made 3 d later"'
    assert f'<span class="flag" {later}>3 d behind</span>' in text
    made(V2, timedelta(hours=70))
    assert ">2 h behind</span>" in page(visit(alice), "/services")
    fleet.begin(alice.actor, "upgrade", "billing", "prod", V2)
    assert cells(visit, alice) == {"dev": False, "prod": False}  # it is on its way
    assert not asked(visit, alice)


def test_one_place_that_was_left_behind_counts(living: None, alice: Person, visit: Visit) -> None:
    fleet.run(alice.actor, "upgrade", "billing", "prod", V2, hosts=("web-1",))
    in_dev(V2)
    assert cells(visit, alice) == {"dev": False, "prod": True}
    assert asked(visit, alice)
    fleet.run(alice.actor, "upgrade", "billing", "prod", V2)
    assert not asked(visit, alice)


def test_an_environment_between_that_is_empty_hides_nothing(
    living: None, alice: Person, visit: Visit
) -> None:
    create_environment(name="lab", order=20, by=Actor.system(), now=timezone.now())
    in_dev(V2)
    assert cells(visit, alice) == {"dev": False, "lab": False, "prod": True}
    assert asked(visit, alice)


def test_who_is_ahead_of_its_left_neighbour_is_not_behind(
    living: None, alice: Person, visit: Visit
) -> None:
    in_dev(V1)
    fleet.run(alice.actor, "upgrade", "billing", "prod", V2)
    assert cells(visit, alice) == {"dev": False, "prod": False}
    assert not asked(visit, alice)


def test_who_does_not_see_the_left_one_hears_nothing_of_it(
    living: None, alice: Person, visit: Visit
) -> None:
    in_dev(V2)
    assert (cells(visit, alice)["prod"], asked(visit, alice)) == (True, True)
    pat = person("pat", (Role.VIEWER, "", "prod"))
    assert (cells(visit, pat), asked(visit, pat)) == ({"prod": False}, False)


def test_services_stand_with_those_of_their_team(living: None, alice: Person, visit: Visit) -> None:
    """Below its name, which leads to them alone; who has none comes last."""
    for number, team in enumerate(("trade", "base", None, "trade", "")):
        name = f"svc-{number}"
        create_service(name=name, language="go", by=Actor.system(), now=timezone.now())
        labels = {"tier": "1"} if team is None else {"team": team, "tier": "1"}
        Service.objects.filter(name=name).update(labels=labels)
    text = laid_flat(page(visit(person("root", is_superuser=True)), "/services"))
    rows = re.findall(
        r'<a class="(?:name|link)" href="([^"]*)">([^<]*)</a>', text.split("tbody>")[1]
    )
    assert rows == [
        ("?where=label%3Ateam%3D%22%22", "team"),
        ("/services/svc-4", "svc-4"),
        ("?where=label%3Ateam%3Dbase", "base"),
        ("/services/svc-1", "svc-1"),
        ("?where=label%3Ateam%3Dtrade", "trade"),
        ("/services/svc-0", "svc-0"),
        ("/services/svc-3", "svc-3"),
        ("?where=-label%3Ateam", "no team"),
        *((f"/services/{name}", name) for name in ("billing", "shop", "svc-2")),
    ]
    assert text.count("Go · tier=1") == 5
    for url, _name in rows:
        assert page(visit(alice), f"/services{url}" if url.startswith("?") else "/services")
    assert "<td colspan" not in page(visit(alice), "/services")  # of none that she sees

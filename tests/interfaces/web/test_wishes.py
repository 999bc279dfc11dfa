"""What a wish can say besides what and where: as the API takes it, so does the form."""

import re
from datetime import timedelta

from slipway.records.rollouts.models import Rollout
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V2, Visit
from tests.interfaces.web.reading import laid_flat
from tests.interfaces.web.test_rollouts import WISH, hash_in


def test_a_bake_time_is_as_it_was_said(living: None, alice: Person, visit: Visit) -> None:
    browser, form = visit(alice), WISH | {"bake_time": "90s"}
    planned = browser.post("/rollouts/plan", form).content.decode()
    assert 'value="90s"' in planned
    browser.post("/rollouts/new", form | {"plan_hash": hash_in(planned), "confirm": "billing"})
    assert Rollout.objects.latest("id").bake_time == timedelta(seconds=90)


def test_back_to_what_never_was_well_or_by_settings_alone_is_asked_for_in_the_form(
    living: None, admin: Person, visit: Visit
) -> None:
    browser = visit(admin)
    wish = WISH | {"kind": "revert"}
    text = browser.post("/rollouts/plan", wish).content.decode()
    assert 'class="note is-fail"' in text or "data-blocked" in text  # it never was well there
    text = browser.post("/rollouts/plan", wish | {"even_if_never_well": "1"}).content.decode()
    assert 'name="even_if_never_well"' in text
    assert "data-blocked" not in text
    assert "main-2222222" in text
    fleet.run(admin.actor, "upgrade", "billing", "prod", V2)
    wish["version"] = ""
    text = browser.post("/rollouts/plan", wish).content.decode()
    assert "has no way back" not in text
    text = browser.post("/rollouts/plan", wish | {"settings_back": "1"}).content.decode()
    assert "billing on web-1:8080 has no way back." in text  # they never were other ones
    assert "settings_back" not in browser.post("/rollouts/plan", WISH).content.decode()


def test_the_only_environment_is_chosen(living: None, alice: Person, visit: Visit) -> None:
    erin = person("erin", ("deployer", "billing", "prod"))
    chosen = 'name="environment" value="prod" checked'
    wish = {"service": "billing"}
    assert chosen in laid_flat(visit(erin).post("/rollouts/plan", wish).content.decode())
    assert chosen not in laid_flat(visit(alice).post("/rollouts/plan", wish).content.decode())


def kind_in(text: str) -> list[str]:
    return re.findall(r'name="kind" value="(\w+)" checked', text)


def test_the_operation_is_proposed_anew_until_somebody_has_chosen_one(
    living: None, alice: Person, admin: Person, visit: Visit
) -> None:
    browser = visit(alice)
    text = browser.post("/rollouts/plan", {"service": "billing"}).content.decode()
    assert kind_in(text) == ["upgrade"]
    nowhere = visit(admin).post("/rollouts/plan", {"service": "shop"}).content.decode()
    assert kind_in(nowhere) == ["deploy"]
    proposed = re.findall(r'name="proposed" value="(\w+)"', text)
    assert proposed == ["upgrade"]
    form = {"service": "billing", "kind": "upgrade", "proposed": proposed[0]}
    text = browser.post("/rollouts/plan", form | {"environment": "dev"}).content.decode()
    assert kind_in(text) == ["deploy"]  # nothing runs there yet
    assert 'name="hosts" value="dev-1"' in text
    form = {"service": "billing", "kind": "deploy", "proposed": "deploy"}
    text = browser.post("/rollouts/plan", form | {"environment": "prod"}).content.decode()
    assert kind_in(text) == ["upgrade"]
    form = {"service": "billing", "kind": "restart", "proposed": "upgrade"}
    text = browser.post("/rollouts/plan", form | {"environment": "dev"}).content.decode()
    assert kind_in(text) == ["restart"]
    assert 'name="proposed" value=""' in text
    text = browser.get("/rollouts/new", WISH | {"environment": "dev"}).content.decode()
    assert kind_in(text) == ["upgrade"]  # a link says what it wants


def test_all_hosts_are_chosen_at_once_where_there_are_several(
    living: None, alice: Person, visit: Visit
) -> None:
    text = visit(alice).get("/rollouts/new", WISH).content.decode()
    assert "Choose all 2 listed" in text
    assert "Choose none" in text
    form = {"service": "billing", "environment": "dev", "kind": "deploy"}
    assert "data-choose" not in visit(alice).get("/rollouts/new", form).content.decode()

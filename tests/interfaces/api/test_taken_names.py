"""Names and ports are one for everybody: they are taken also by what one may not see, and that is
all that is said."""

import pytest

from slipway.core.words.kinds import RolloutKind
from tests.interfaces.api.test_hidden_names import NEW, WISH
from tests.interfaces.people import Person, person
from tests.interfaces.releases import begin, drive, make_version


@pytest.fixture
def wanda(company: None) -> Person:
    """Is admin of dev."""
    return person("wanda", ("admin", "", "dev"))


def test_a_hosts_name_is_taken_by_something_that_one_may_not_see(wanda: Person) -> None:
    said = wanda.post("/hosts", {**NEW, "name": "web-1"})
    assert said.status_code == 409
    assert said.json()["message"] == "The name web-1 is taken by something that you may not see."
    assert "ask an admin" in said.json()["hint"]
    known = wanda.post("/hosts", {**NEW, "name": "dev-1"})
    assert known.json()["message"] == "There is a host dev-1 already."


@pytest.mark.parametrize("update", [False, True])
def test_nor_does_an_import_pass_it_over_as_known(wanda: Person, update: bool) -> None:
    text = "name,address\nweb-1,10.9.9.9\ndev-1,10.0.10.1\nown-2,10.9.9.8\n"
    asked = {"text": text, "filename": "hosts.csv", "environment": "dev", "update": update}
    report = wanda.post("/hosts/import", asked).json()
    assert "web-1" not in report["skipped"]
    assert (report["skipped"], report["added"]) == (["dev-1"], ["own-2"])
    (problem,) = report["problems"]
    assert "web-1 is taken by something that you may not see" in str(problem)


def test_a_port_is_taken_by_something_that_one_may_not_see(root: Person) -> None:
    for service in ("billing", "shop"):
        make_version("1.0", service)
    drive(begin(RolloutKind.DEPLOY, "1.0", "dev-1", service="billing", environment="dev"))
    port = root.get("/instances?service=billing").json()["items"][0]["port"]
    said = {}
    for name, right in (("penny", ("deployer", "shop", "dev")), ("wanda", ("admin", "", "dev"))):
        who = person(name, right)
        wish = {**WISH, "hosts": ["dev-1"], "port": port}
        plan = who.post("/plans", wish).json()
        started = who.post("/rollouts", wish).json()
        (taken,) = [each for each in plan["obstacles"] if each["code"] == "port_taken"]
        assert started["message"] == taken["message"]
        said[name] = taken
    assert "billing" not in str(said["penny"])
    assert "is taken by something that you may not see" in said["penny"]["message"]
    assert "belongs to billing" in said["wanda"]["message"]

"""Values of a service's variables, the words of its commands and the passwords in its addresses are
shown to whoever may deploy it, and to nobody else."""

import pytest

from tests.interfaces.people import Person
from tests.interfaces.web.conftest import Visit

SECRET = "hunter2-of-billing"
SCRIPTS = {"start": f"./start {SECRET}", "drain": {"run": ["./turn", f"--token={SECRET}"]}}
SPEC = {
    "supervisor": "script",
    "environment": {"TOKEN": SECRET},
    "scripts": SCRIPTS,
    "health": {"http": f"http://probe:{SECRET}@127.0.0.1:8080/"},
}
BUILD = {"variables": {"NPM_TOKEN": SECRET}, "command": ["./build", SECRET]}
ADDRESS = f"https://ci:{SECRET}@git.example/billing"


@pytest.fixture
def told(root: Person) -> None:
    changes = {"spec": SPEC, "build": BUILD, "build_url": ADDRESS}
    answer = root.patch("/services/billing", changes)
    assert answer.status_code == 200, answer.content


ADDRESSES = ("/services", "/services/billing", "/audit")
PAGES = ("/services/billing", "/audit")


@pytest.mark.usefixtures("told")
def test_who_looks_sees_the_names_alone(dora: Person, visit: Visit) -> None:
    for address in ADDRESSES:
        answer = dora.get(address)
        assert answer.status_code == 200
        assert SECRET not in answer.content.decode(), address
    shown = dora.get("/services/billing").json()
    assert shown["spec"] == {
        "supervisor": "script",
        "environment": {"TOKEN": "***"},
        "scripts": {"start": "./start ***", "drain": {"run": ["./turn", "***"]}},
        "health": {"http": "http://***@127.0.0.1:8080/"},
    }
    assert shown["build"] == {"variables": {"NPM_TOKEN": "***"}, "command": ["./build", "***"]}
    assert shown["build_url"] == "https://***@git.example/billing"
    for page in PAGES:
        assert SECRET not in visit(dora).get(page).content.decode(), page


@pytest.mark.usefixtures("told")
def test_who_deploys_sees_the_values(alice: Person, visit: Visit) -> None:
    for address in ("/services/billing", "/audit"):
        assert SECRET in alice.get(address).content.decode(), address
    assert SECRET in visit(alice).get("/services/billing").content.decode()

"""Keys are made or pasted by page, once; their private halves are never on any page."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from django.test import Client

from slipway.records.audit.models import Event
from slipway.records.fleet.models import SshKey
from tests.interfaces.people import Person, person
from tests.interfaces.web.conftest import Visit

PRIVATE = (
    Ed25519PrivateKey.generate()
    .private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, BestAvailableEncryption(b"open sesame"))
    .decode()
)


@pytest.fixture
def browser(root: Person, visit: Visit) -> Client:
    return visit(root)


def test_a_key_is_made_here_and_its_public_half_shown(browser: Client) -> None:
    page = browser.post("/keys", {"name": "fresh", "how": "made"}, follow=True).content.decode()
    key = SshKey.objects.get(name="fresh")
    assert key.public_key.startswith("ssh-ed25519 ")
    assert key.public_key in page
    assert "PRIVATE KEY" not in page
    assert "Put its public half on the hosts" in page
    assert Event.objects.get(verb="key.added", thing_name="fresh").by_name == "root-person"


def test_a_key_is_pasted_with_its_passphrase_and_never_shown(browser: Client) -> None:
    form = {"name": "given", "how": "given", "private_key": PRIVATE, "passphrase": "open sesame"}
    page = browser.post("/keys", form, follow=True).content.decode()
    assert "The key given is kept." in page
    assert '<a class="link hint" href="/hosts/-/new">Next: the hosts that it opens.</a>' in page
    assert "Put its public half" not in page  # the hosts know it already
    assert "PRIVATE KEY" not in page
    assert "sesame" not in page
    assert SshKey.objects.get(name="given").public_key in page


@pytest.mark.parametrize(
    ("form", "field", "status"),
    [
        ({"name": "a b", "how": "made"}, "name", 422),
        ({"name": "x" * 65, "how": "made"}, "name", 422),
        ({"name": "default", "how": "made"}, "name", 409),
        ({"name": "new", "how": "given", "private_key": ""}, "private_key", 422),
        ({"name": "new", "how": "given", "private_key": PRIVATE}, "private_key", 422),
        ({"name": "new", "how": "given", "private_key": "x" * 40_000}, "private_key", 422),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_no_secret_comes_back(
    browser: Client, form: dict[str, str], field: str, status: int
) -> None:
    answer = browser.post("/keys", form)
    page = answer.content.decode()
    assert answer.status_code == status
    assert f'aria-describedby="{field}-problem"' in page
    assert f'value="{form["name"]}"' in page
    assert "PRIVATE KEY" not in page
    assert not Event.objects.filter(verb="key.added", thing_name="new").exists()


def test_a_key_that_opens_nothing_is_removed_and_told(browser: Client) -> None:
    browser.post("/keys", {"name": "spare", "how": "made"})
    assert "/keys/spare/remove" in browser.get("/keys").content.decode()
    page = browser.post("/keys/spare/remove", follow=True).content.decode()
    assert "spare is removed." in page
    assert not SshKey.objects.filter(name="spare").exists()
    event = Event.objects.get(verb="key.removed")
    assert (event.by_name, event.thing_name) == ("root-person", "spare")
    assert set(event.before or {}) == {"public_key"}


def test_a_key_that_opens_hosts_stays_with_their_names(browser: Client, root: Person) -> None:
    page = browser.post("/keys/default/remove", follow=True).content.decode()
    assert "The key default still opens" in page
    assert "web-1" in page
    assert SshKey.objects.filter(name="default").exists()
    refused = root.delete("/keys/default")
    assert (refused.status_code, refused.json()["code"]) == (409, "key_in_use")


def test_a_key_is_removed_by_the_api(root: Person, dora: Person) -> None:
    root.post("/keys", {"name": "spare"})
    assert dora.delete("/keys/spare").status_code == 403
    assert root.delete("/keys/spare").status_code == 200
    assert root.delete("/keys/spare").status_code == 404


def test_only_admins_over_everything_see_keys(dora: Person, visit: Visit) -> None:
    for who in (dora, person("wanda", ("admin", "", "prod"))):
        browser = visit(who)
        assert browser.get("/keys").status_code == 403
        assert browser.post("/keys", {"name": "mine", "how": "made"}).status_code == 403
        assert browser.post("/keys/default/remove").status_code == 403
        assert 'href="/keys"' not in browser.get("/hosts").content.decode()
    assert not SshKey.objects.filter(name="mine").exists()


def test_the_first_key_is_called_as_hosts_expect_it(db: None, visit: Visit) -> None:
    page = visit(person("first", is_superuser=True)).get("/keys").content.decode()
    assert 'value="default"' in page
    assert "The first key" in page

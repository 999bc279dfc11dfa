"""What the API can, a page can: each request of the OpenAPI document, and its page."""

import re
from asyncio import iscoroutinefunction
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client, RequestFactory
from django.urls import URLPattern, resolve
from django.utils import timezone

from slipway.core.rollout.value.words import Cause, End
from slipway.interfaces.api import build_api
from slipway.interfaces.web.urls import urlpatterns
from slipway.records.accounts.models import Token
from slipway.records.accounts.operations.people import disable_user
from slipway.records.catalog.models import Build, ServerCheck
from slipway.records.catalog.operations.stars import star_service
from slipway.records.catalog.queries.services import get_service
from slipway.records.fleet.models import Environment, Instance
from slipway.records.fleet.operations.keys import generate_key
from slipway.records.fleet.operations.windows import windows_of
from slipway.records.rollouts.models import Rollout, Target
from tests.interfaces.conftest import make_company
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2, make_living
from tests.interfaces.web.driving import Drive
from tests.interfaces.web.pages_table import OTHER_FORMS, TABLE, Form, Needless, Page
from tests.interfaces.web.planting import plant_builds, plant_troubles
from tests.interfaces.web.test_questions import NO_ROOM
from tests.standing import made_once

DOCUMENT = build_api().get_openapi_schema(path_prefix="")
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
FORMS = {name: way for name, way in TABLE.items() if isinstance(way, Form)}
PAGES = {name: way for name, way in TABLE.items() if isinstance(way, Page)}
ASKED = {"data-ask-name": "confirm", "data-ask-why": "reason"}
PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class World:
    """Somebody who may everything where something of everything is; `there`: what it is called."""

    root: Person
    there: dict[str, str]


def found() -> World:
    make_company()
    make_living()
    root, alice = person("root", is_superuser=True), person("alice", ("deployer", "billing", ""))
    now = timezone.now()
    generate_key(name="spare", by=root.actor, now=now)
    star_service(service=get_service("shop"), by=root.actor, now=now)
    *_, building, _parts, _one, _two = plant_builds("text")
    plant_troubles(root.actor, "text")
    Instance.objects.filter(locked_at__isnull=False).update(locked_by=alice.user)
    off = person("off")
    disable_user(user=off.user, by=root.actor, now=now)
    running = _running(alice)
    asking = Rollout.objects.get(service__name="billing", environment__name="dev")
    Rollout.objects.filter(pk=asking.pk).update(asks=NO_ROOM, state="paused", driver="one")
    unknown = Target.objects.get(rollout=asking)
    Target.objects.filter(pk=unknown.pk).update(state="unknown")
    halted = _halted(root)
    late = Build.objects.get(version__ref="late")
    window = windows_of(Environment.objects.get(name="prod"))[0]
    there = {
        "prefix": Token.objects.get(user=root.user).prefix,
        "window": window["id"],
        "withdrawn": f"/services/billing/versions/{V2}",
        "building": building,
        "build": str(Build.objects.get(version__commit="e" * 40).pk),
        "late": str(late.pk),
        "late_page": f"/services/shop/versions/{late.version.name}",
        "check": str(ServerCheck.objects.get().pk),
        "instance": str(Instance.objects.get(service__name="billing", host__name="web-1").pk),
        "locked": str(Instance.objects.get(locked_at__isnull=False).pk),
        "running": str(running.pk),
        "unknown": str(unknown.pk),
        "asking": str(asking.pk),
        "halted": str(halted.pk),
    }
    return World(root, there)


def _running(by: Person) -> Rollout:
    """One that waits to be let on."""
    Environment.objects.update(promotion_needed=True, order=30)
    rollout = fleet.begin(by.actor, "upgrade", "billing", "prod", "3.0", batches="1")
    drive = Drive.take(rollout)
    first, _second = drive.targets()
    drive.start(first)
    drive.succeed(first)
    return rollout


def _halted(by: Person) -> Rollout:
    """One that stopped half-way."""
    hosts = ("web-1", "web-2")
    rollout = fleet.begin(by.actor, "deploy", "shop", "prod", V1, hosts=hosts, port=9000)
    drive = Drive.take(rollout)
    first, second = drive.targets()
    drive.start(first, second)
    drive.succeed(first)
    drive.fail(second)
    drive.close(End.HALTED, halted=Cause.VERSION)
    return rollout


standing = made_once(found)


class Forms(HTMLParser):
    """The forms of a page: to which address each is sent, and with what fields."""

    def __init__(self, text: str, address: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str, set[str]]] = []
        self._fields: set[str] | None = None
        self._address = address
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        had = {key: value or "" for key, value in attrs}
        if tag == "form":
            self._fields = set()
            to = urlsplit(had.get("action", self._address)).path
            self.found.append((had.get("method", "get"), to, self._fields))
        if self._fields is None:
            return
        if name := had.get("name"):
            self._fields.add(name)
        # Typed where it asks.
        self._fields |= {name for asked, name in ASKED.items() if asked in had}

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None


def named(text: str, there: dict[str, str]) -> str:
    return PLACE.sub(lambda found: there[found[1]], text)


def opened(world: World, address: str) -> str:
    client = Client()
    if address != "/login":
        client.force_login(world.root.user)
    answer = client.get(address, follow=True)
    assert answer.status_code == 200, address
    return answer.content.decode()


def asked_for(operation: dict[str, Any]) -> set[str]:
    """The fields that a request of the API may have, in its body or behind its address."""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    asked = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}
    return asked | set(properties(body.get("schema", {})))


def properties(schema: dict[str, Any]) -> Iterator[str]:
    if "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for part in (*schema.get("allOf", ()), *schema.get("anyOf", ())):
        yield from properties(part)
    yield from schema.get("properties", ())


def test_every_request_of_the_api_is_in_the_table_and_no_other() -> None:
    assert set(TABLE) == set(OPERATIONS)
    assert all(way.why for way in TABLE.values() if isinstance(way, Needless))


def test_what_changes_something_is_done_by_a_form() -> None:
    by_hand = {name for name in TABLE if not name.startswith("GET ")}
    assert by_hand - set(FORMS) == set()


@pytest.mark.parametrize("name", PAGES)
def test_there_is_a_page_that_shows_it(world: World, name: str) -> None:
    opened(world, named(PAGES[name].address, world.there))


@pytest.mark.parametrize("name", FORMS)
def test_there_is_a_form_that_does_it(world: World, name: str) -> None:
    """It stands on a page, is sent to an address of ours, and has a field for all that can be said;
    none that it is said to lack is there."""
    form = FORMS[name]
    wanted = named(form.to, world.there).split()
    assert all(resolve(to).func for to in wanted)
    fields, there = [], set()
    for page in named(form.page, world.there).split():
        for method, to, has in Forms(opened(world, page), page).found:
            if method == "post" and to in wanted:
                fields.append(has)
                there.add(to)
    assert there == set(wanted)
    called = {form.named.get(each, each) for each in asked_for(OPERATIONS[name])}
    assert called - set().union(*fields) - set(form.without) == set()
    assert set(form.without) & set().union(*fields) == set()
    assert (set(form.named) | set(form.without)) - asked_for(OPERATIONS[name]) == set()


def takes_forms(pattern: URLPattern) -> bool:
    """Whether something can be sent there; what it allows is asked before anything is read."""
    if iscoroutinefunction(pattern.callback):
        return False
    try:
        answer = pattern.callback(RequestFactory().put("/"))
    except TypeError:  # it looks at no method, and misses what its address says
        return False
    return answer.status_code == 405 and "POST" in answer.headers["Allow"]


def test_what_a_page_can_the_api_can() -> None:
    """Every form of ours does what a request of the API does, or the table says why not."""
    routes = {str(pattern.pattern) for pattern in urlpatterns if takes_forms(pattern)}
    version = {"withdrawn": "/services/a/versions/1"}
    addresses = (
        PLACE.sub(lambda found: version.get(found[1], "1"), to)
        for form in FORMS.values()
        for to in form.to.split()
    )
    of_requests = {resolve(address).route for address in addresses}
    assert len(routes) > 50
    assert routes - of_requests - set(OTHER_FORMS) == set()
    assert set(OTHER_FORMS) - routes == set()
    done_by = {why for why in OTHER_FORMS.values() if why.split(" ")[0].isupper()}
    assert done_by - set(OPERATIONS) == set()


def test_a_form_that_is_not_there_is_noticed() -> None:
    text = '<form method="post" action="/a"><input name="b"></form><input name="c">'
    assert Forms(text, "/").found == [("post", "/a", {"b"})]

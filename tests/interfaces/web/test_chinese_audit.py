"""The audit and what `doctor` finds, read in Chinese; every verb has its words."""

import ast
import json
import re
from pathlib import Path

import pytest
from django.utils import timezone

import slipway
from slipway.interfaces.events import what_was_done
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record
from slipway.records.fleet.models import Instance
from tests.chinese import english_in, shown_in
from tests.interfaces.people import Person
from tests.interfaces.web.conftest import Visit
from tests.interfaces.web.reading import page

pytestmark = pytest.mark.once

ROOT = Path(slipway.__file__).parent
VERB = re.compile(
    r"(attempt|build|build_server|claims|environment|grant|host|instance|key|lock|package"
    r"|release_rule|retention|rollout|secrets|service|token|user|version)\.[a-z_]+"
)
COMMAND = re.compile("`[^`]*`")
MADE = {"build.failed", "build.timeout", "build.duplicate"} | {
    f"rollout.{state}" for state in ("succeeded", "halted", "cancelled")
}
THINGS = (
    ("rollout", "12", "rollout 12"),
    ("retention_run", "3", "retention run 3"),
    ("release_rule", "4", "release rule of billing in prod"),
    ("instance", "5", "billing on web-1:8080"),
    ("claims", "1", "claims"),
    ("key file", "keys", "keys"),
    ("host", "6", "web-1"),
)


def verbs() -> set[str]:
    """Every verb that the code writes down."""
    found = {
        node.value
        for room in ("records", "project", "controller")
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {text for text in found if VERB.fullmatch(text)} - {"build.json", "build.sh"} | MADE


def test_every_verb_has_its_words() -> None:
    assert len(verbs()) > 50
    assert [verb for verb in sorted(verbs()) if what_was_done(verb).code != verb] == []
    assert what_was_done("moon.landed").english == "moon.landed"


def test_every_event_is_read_in_chinese(living: None, admin: Person, visit: Visit) -> None:
    for number, verb in enumerate(sorted(verbs())):
        kind, ident, name = THINGS[number % len(THINGS)]
        record(
            verb,
            *(kind, ident, name),
            by=Actor.system(),
            now=timezone.now(),
            after={"name": "x", "bake_time": 3},
            service="billing",
            environment="prod",
        )
    browser = visit(admin)
    browser.cookies["django_language"] = "zh-hans"
    address, seen = "/audit", ""
    while address:
        text = page(browser, address)
        seen += text
        assert english_in(shown_in(text)) == []
        older = re.search(r'href="(\?[^"]+)" rel="next"', text)
        address = f"/audit{older[1].replace('&amp;', '&')}" if older else ""
    for words in ("发布已发起", "prod 中 billing 的发布规则", "web-1:8080 上的 billing", "发布 12"):
        assert words in seen
    assert "rollout.started" in seen  # the code, by which events are asked for


def test_the_api_tells_words_beside_codes(living: None, admin: Person, visit: Visit) -> None:
    for kind, ident, name in THINGS:
        record("host.added", kind, ident, name, by=Actor.system(), now=timezone.now(),
               service="billing", environment="prod")  # fmt: skip
    told = json.loads(
        visit(admin).get("/api/v1/audit", headers={"Accept-Language": "zh-Hans"}).content
    )
    events = told["items"][: len(THINGS)]
    assert {(each["thing_kind"], each["thing_id"], each["thing_name"]) for each in events} == {
        *THINGS
    }
    assert {each["what"] for each in events} == {"host added"}
    assert told["told"]["host added"] == "主机已添加"
    assert told["told"]["rollout 12"] == "发布 12"


def test_what_doctor_finds_is_told_in_chinese(living: None, admin: Person, visit: Visit) -> None:
    odd = Instance.objects.filter(service__name="billing")
    assert odd.update(seen_drift="unit 0") == 2
    told = json.loads(
        visit(admin).get("/api/v1/doctor", headers={"Accept-Language": "zh-Hans"}).content
    )
    assert "billing on web-1:8080" in str(told["items"])
    for item in told["items"]:
        for words in (told["told"][item["message"]], told["told"].get(item["hint"], "")):
            assert english_in(COMMAND.sub("", words)) == [], item

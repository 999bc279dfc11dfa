"""What the page of a plan says before anything moves: how long, how much, what is in the way and
what helps, and what changes; the API says the same."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Service, Version
from slipway.records.fleet.models import Environment, Host
from slipway.records.rollouts.models import Lock, Rollout, Target, Withdrawal
from slipway.records.rollouts.operations.locks import lock_service
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.reading import laid_flat

MINUTE = timedelta(minutes=1)
WISH = {"service": "billing", "environment": "prod", "kind": "upgrade", "version": V2}


def shown(visit: Visit, who: Person, **more: str) -> str:
    answer = visit(who).get("/rollouts/new", WISH | more)
    assert answer.status_code == 200
    return laid_flat(answer.content.decode())


def part(text: str, start: str, end: str) -> str:
    found = re.search(f"{start}(.*?){end}", text, re.DOTALL)
    assert found, start
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", found[1])).strip()


def took(host: str, time: timedelta) -> None:
    Target.objects.filter(host__name=host).update(finished_at=F("started_at") + time)


def planned(who: Person, **more: Any) -> dict[str, Any]:
    answer = who.post("/plans", WISH | more)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def test_the_time_is_that_of_earlier_rollouts_and_waits_are_apart(
    living: None, alice: Person, visit: Visit
) -> None:
    took("web-1", 2 * MINUTE)
    took("web-2", 4 * MINUTE)
    Environment.objects.filter(name="prod").update(bake_time=5 * MINUTE, promotion_needed=True)
    time = part(shown(visit, alice, batches="1"), '<div id="plan-time">', "</div>")
    assert time == "as 1 earlier rollout took here · 1 wait for a person besides about 11 min"
    plan = planned(alice, batches="1")
    assert plan["usual"] == {"seconds": 660, "waits": 1, "earlier": 1}
    assert plan["expected_seconds"] == 660
    Host.objects.filter(name="web-2").update(state="unreachable")  # it keeps nobody waiting
    assert planned(alice, batches="1")["usual"]["seconds"] == 420


def test_without_a_history_that_is_said(living: None, alice: Person, visit: Visit) -> None:
    Target.objects.update(started_at=None)
    time = part(shown(visit, alice), '<div id="plan-time">', "</div>")
    assert time.startswith("by its settings alone: nothing of its kind has ended well here yet")
    plan = planned(alice)
    assert plan["usual"] is None
    assert plan["expected_seconds"] > 0
    chinese = visit(alice)
    chinese.cookies["django_language"] = "zh-hans"
    assert "仅按其设置推算" in chinese.get("/rollouts/new", WISH).content.decode()


def test_bytes_go_to_those_hosts_that_have_not_got_them(
    living: None, alice: Person, visit: Visit
) -> None:
    both = part(shown(visit, alice), '<div id="plan-bytes">', "</div>")
    assert both == "to 2 hosts 3.8 MB to send"
    fleet.run(alice.actor, "upgrade", "billing", "prod", V2, hosts=("web-1",))
    fleet.run(alice.actor, "revert", "billing", "prod", hosts=("web-1",), version="")
    one = part(shown(visit, alice), '<div id="plan-bytes">', "</div>")
    assert one == "to 1 host · 1 has it already 1.9 MB to send"
    plan = planned(alice)
    assert (plan["bytes_to_move"], plan["hosts_to_send_to"]) == (2_000_000, 1)
    restart = {"kind": "restart", "version": ""}
    none = part(shown(visit, alice, **restart), '<div id="plan-bytes">', "</div>")
    assert none == "nothing is brought nothing to send"


def obstacles(who: Person, **more: Any) -> dict[str, str]:
    return {each["code"]: each["command"] for each in planned(who, **more)["obstacles"]}


def test_each_obstacle_has_a_command_for_whoever_may_give_it(
    living: None, alice: Person, admin: Person, visit: Visit
) -> None:
    now = Environment.objects.get(name="prod").created_at
    billing = Service.objects.get(name="billing")
    lock_service(
        service=billing,
        environment=Environment.objects.get(name="prod"),
        reason="books",
        until=None,
        by=admin.actor,
        now=now,
    )
    Host.objects.filter(name="web-1").update(host_key="")
    Environment.objects.filter(name="prod").update(approvals_needed=2)
    assert obstacles(alice) == {
        "locked": "",
        "approval_needed": "",
        "host_key_unknown": "",
        "no_room": "",
    }
    text = shown(visit, alice)
    assert 'href="/services/billing">Locks of billing</a>' in text
    assert '<code class="line"' not in text
    Lock.objects.update(holder=None, rollout=Rollout.objects.get())  # a halted one left it
    unlock = "slipway unlock billing --env prod --reason WHY"
    Withdrawal.objects.create(
        version=Version.objects.get(service=billing, name=V2),
        environment=Environment.objects.get(name="prod"),
        rollout=Rollout.objects.get(),
        since=now,
    )
    assert obstacles(alice)["locked"] == unlock
    Withdrawal.objects.all().delete()
    Lock.objects.all().delete()
    assert obstacles(admin) == {
        "approval_needed": "slipway env change prod --approvals 0",
        "host_key_unknown": "slipway host check web-1 --accept-key",
        "no_room": "",
    }
    text = shown(visit, admin)
    assert '<code class="line" id="remedy-1">slipway env change prod --approvals 0</code>' in text
    assert '<code class="line" id="remedy-2">slipway host check web-1 --accept-key</code>' in text
    assert 'href="/hosts/web-1">Learn the key of web-1</a>' in text
    assert 'href="/environments/prod"' in text
    assert "1 obstacle" in text  # one is only a warning
    assert "prod is open" not in text
    assert "billing is free in prod" in text


def test_what_is_well_is_said_too(living: None, alice: Person, visit: Visit) -> None:
    text = shown(visit, alice)
    for said in (
        "Nothing is in the way",
        "billing is free in prod",
        "prod is open",
        "The hosts can be reached",
        "The way back is there",
    ):
        assert said in text
    Host.objects.filter(name="web-1").update(state="unreachable")
    assert "The hosts can be reached" not in shown(visit, alice)


def test_what_changes_is_told_place_by_place_and_setting_by_setting(
    living: None, alice: Person, visit: Visit
) -> None:
    fleet.make_version(
        "billing", "other", "run: ./bin/app\nenvironment: {POOL: '40'}\nstop_timeout: 45s\n"
    )
    text = shown(visit, alice, version="other")
    moves = part(text, '<ul class="moves">', "</ul>")
    assert moves == "main-1111111 other 2 places"
    assert part(text, "<caption>", "</caption>") == f"How it is run: {V1} → other, 2 places"
    rows = [
        {"key": "environment.POOL", "before": "", "after": "40"},
        {"key": "stop_timeout", "before": "30s", "after": "45s"},
    ]
    (changes,) = planned(alice, version="other")["spec_changes"]
    assert changes == {"from_version": V1, "to_version": "other", "places": 2, "changes": rows}
    dora = person("vera", ("viewer", "billing", "prod"))
    (hidden,) = planned(dora, version="other")["spec_changes"]
    assert hidden["changes"][0] == {"key": "environment.POOL", "before": "", "after": "***"}
    assert ">40<" not in shown(visit, dora, version="other")
    assert planned(alice)["spec_changes"] == []  # both are run alike


@pytest.mark.parametrize("path", ["/rollouts/new"])
def test_many_places_take_no_more_queries(
    living: None, alice: Person, visit: Visit, path: str
) -> None:
    browser, counts = visit(alice), []
    for many in (0, 12):
        names = [f"more-{number}" for number in range(many)]
        if names:
            fleet.add_hosts("prod", *names)
            fleet.reach_hosts(*names)
            more: dict[str, Any] = {"hosts": tuple(names), "port": 8080}
            fleet.run(Actor.system(), "deploy", "billing", "prod", V1, **more)
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(path, WISH).status_code == 200
        counts.append(len(captured))
    assert counts[1] <= counts[0]


def test_a_plan_for_no_host_says_so_and_what_helps(
    living: None, admin: Person, visit: Visit
) -> None:
    text = shown(visit, admin, service="shop", version=V1)
    plain = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", text))
    assert "nobody takes part No host there is nothing to wait for –" in plain
    sent = part(text, '<div id="plan-bytes">', "</div>")
    assert sent == "there is no host to send to nothing to send"
    assert "shop is nowhere in prod. Deploy it to hosts first." in plain
    assert "The hosts can be reached" not in plain
    assert "on 0 hosts" not in plain


def test_a_lock_that_lets_one_pass_is_not_told_as_none(
    living: None, alice: Person, admin: Person, visit: Visit
) -> None:
    Lock.objects.create(
        service=Service.objects.get(name="billing"),
        environment=Environment.objects.get(name="prod"),
        holder=alice.user,
        reason="books",
        since=Environment.objects.get(name="prod").created_at,
    )
    text = shown(visit, alice)
    assert "No lock keeps you from it" in text
    assert "Nobody holds a lock" not in text

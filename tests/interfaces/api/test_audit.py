"""The audit is asked by who, about which host, and between which times."""

from urllib.parse import quote

from django.test import Client

from slipway.core.words.kinds import RolloutKind
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.models import Rollout
from tests.interfaces.people import Person
from tests.interfaces.releases import begin, drive, make_version


def verbs(root: Person, query: str) -> list[str]:
    answer = root.get(f"/audit?{query}")
    assert answer.status_code == 200, answer.content
    return [event["verb"] for event in answer.json()["items"]]


def deployed(*hosts: str) -> Rollout:
    rollout = begin(RolloutKind.DEPLOY, "1.0", *hosts)
    drive(rollout)
    return rollout


def test_events_of_a_host_are_its_own_its_instances_and_its_rollouts(root: Person) -> None:
    make_version("1.0")
    deployed("web-1")
    mine = Instance.objects.get(host__name="web-1")
    root.post(f"/instances/{mine.pk}/lock", {"reason": "mine"})
    root.post("/hosts/web-2/maintenance", {"on": True})
    assert {"host.added", "instance.locked", "rollout.started"} <= set(verbs(root, "host=web-1"))
    assert verbs(root, "host=web-2") == ["host.maintenance_began", "host.added"]
    assert verbs(root, "host=web") == []
    assert verbs(root, "host=" + quote("a\x7f'%_")) == []


def test_events_are_those_of_one_person(root: Person) -> None:
    root.post("/hosts/web-2/maintenance", {"on": True})
    assert "host.maintenance_began" in verbs(root, f"by={root.user.username}")
    assert "host.added" not in verbs(root, f"by={root.user.username}")
    assert "host.added" in verbs(root, "by=slipway&limit=200")
    assert verbs(root, "by=nobody") == []


def test_events_are_those_between_two_times(root: Person) -> None:
    root.post("/hosts/web-2/maintenance", {"on": True})
    at = root.get("/audit?limit=1").json()["items"][0]["at"]
    assert verbs(root, f"since={quote(at)}") == ["host.maintenance_began"]
    assert "host.maintenance_began" not in verbs(root, f"until={quote(at)}")


def test_the_page_has_the_same_filters(root: Person) -> None:
    root.post("/hosts/web-2/maintenance", {"on": True})
    browser = Client()
    browser.force_login(root.user)
    shown = browser.get("/audit?host=web-2&by=root-person").content.decode()
    assert 'title="host.maintenance_began"' in shown
    assert 'title="host.added"' not in shown


def test_events_are_those_about_a_thing_by_a_part_of_its_name(root: Person) -> None:
    make_version("1.0")
    rollout = deployed("web-1")
    root.post("/hosts/web-2/maintenance", {"on": True})
    assert verbs(root, "thing=WEB-2") == ["host.maintenance_began", "host.added"]
    about = verbs(root, f"thing={quote(f'#{rollout.pk}')}")
    assert "rollout.started" in about
    assert {verb.partition(".")[0] for verb in about} == {"rollout"}
    assert "service.created" in verbs(root, "thing=billing")
    assert verbs(root, "thing=" + quote("a\x7f'%_")) == []

"""Everything back on a host, by the API and by the button on its page."""

import pytest
from django.test import Client

from slipway.records.audit.models import Event
from slipway.records.catalog.models import Version
from slipway.records.fleet.models import Host, Instance
from slipway.records.rollouts.models import Rollout
from tests.interfaces.people import Person
from tests.interfaces.web import fleet


@pytest.fixture
def empty_host(company: None) -> Host:
    """web-1, where billing should be, and is not."""
    fleet.reach_hosts("web-1")
    version: Version = fleet.make_version("billing", "1.0")
    host = Host.objects.get(name="web-1")
    Instance.objects.create(
        service=version.service,
        environment=host.environment,
        host=host,
        port=8080,
        version=version,
        status=0,
        healthy=False,
        seen_bare=True,
        seen_at=host.last_seen_at,
        created_at=host.created_at,
    )
    return host


def test_a_dry_run_answers_with_plans_and_a_start_with_rollouts(
    empty_host: Host, alice: Person
) -> None:
    shown = alice.post("/hosts/web-1/restore", {"dry_run": True})
    assert shown.status_code == 200, shown.content
    (plan,) = shown.json()["plans"]
    assert [target["to_version"] for target in plan["targets"]] == ["1.0"]
    (said,) = plan["settings"]
    keys = {each["key"]: each for each in said["settings"]}
    assert (keys["run"]["origin"], keys["user"]["value"]) == ("service", "root")
    assert {each["origin"] for each in plan["rules"]} == {"environment"}
    assert not Rollout.objects.exists()
    begun = alice.post("/hosts/web-1/restore", {"reason": "replaced", "confirm": "web-1"})
    assert begun.status_code == 202, begun.content
    assert [each["service"] for each in begun.json()["rollouts"]] == ["billing"]
    assert (begun.json()["ok"], begun.json()["others"]) == (True, 0)
    assert Event.objects.filter(verb="host.restore_began", thing_name="web-1").count() == 1
    # Asked again while it is under way, it is refused by name.
    again = alice.post("/hosts/web-1/restore", {"confirm": "web-1"}).json()
    assert [each["code"] for each in again["refused"]] == ["active_rollout"]
    assert again["ok"] is False


@pytest.mark.parametrize("body", [{"dry_run": "maybe"}, {"reason": 7}, {"hosts": ["web-1"]}])
def test_what_cannot_be_meant_is_refused(
    empty_host: Host, alice: Person, body: dict[str, object]
) -> None:
    assert alice.post("/hosts/web-1/restore", body).status_code == 422
    assert not Rollout.objects.exists()


def test_who_may_not_deploy_is_refused_and_a_stranger_sees_no_host(
    empty_host: Host, dora: Person, charlie: Person
) -> None:
    assert dora.post("/hosts/web-1/restore").status_code == 403
    assert charlie.post("/hosts/web-1/restore").status_code == 404
    assert not Rollout.objects.exists()


def test_the_button_is_for_who_may_deploy_and_says_what_began(
    empty_host: Host, alice: Person, dora: Person
) -> None:
    client, looker = Client(), Client()
    client.force_login(alice.user)
    looker.force_login(dora.user)
    assert b'action="/hosts/web-1/restore"' in client.get("/hosts/web-1").content
    assert b'action="/hosts/web-1/restore"' not in looker.get("/hosts/web-1").content
    looker.post("/hosts/web-1/restore")
    assert not Rollout.objects.exists()
    page = client.post("/hosts/web-1/restore", {"confirm": "web-1"}, follow=True).content.decode()
    rollout = Rollout.objects.get()
    assert f"1 rollout has begun: #{rollout.pk} billing" in page
    page = client.post("/hosts/web-1/restore", {"confirm": "web-1"}, follow=True).content.decode()
    assert "billing: billing in prod is busy" in page


def test_the_plan_page_says_where_each_value_comes_from(empty_host: Host, alice: Person) -> None:
    client = Client()
    client.force_login(alice.user)
    address = "/rollouts/new?kind=apply&service=billing&environment=prod&hosts=web-1"
    page = client.get(address).content.decode()
    assert "How 1.0 is run" in page
    assert "How it is carried out" in page

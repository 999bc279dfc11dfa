"""The palette: asked as lists are, it leads to what is found, to all of it, and to what can be done
with it, for whoever may."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from slipway.records.catalog.models import Service
from slipway.records.fleet.models import Host, HostCheck
from slipway.records.rollouts.models import Rollout
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V2, Visit
from tests.interfaces.web.driving import Drive


def found(visit: Visit, who: Person, text: str) -> list[tuple[str, str]]:
    """Return what is offered, in its order: where to, and what it is called."""
    answer = visit(who).get("/find", {"q": text}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    offered = re.findall(
        r'(?:href|action)="([^"]*)".*?<span class="cut">(.*?)</span>',
        answer.content.decode(),
        re.DOTALL,
    )
    return [(url.replace("&amp;", "&"), label) for url, label in offered]


def urls(visit: Visit, who: Person, text: str) -> list[str]:
    return [url for url, _label in found(visit, who, text)]


def test_one_service_is_released_gone_back_with_and_its_log_opened(
    living: None, alice: Person, dora: Person, visit: Visit
) -> None:
    number = Rollout.objects.get().pk
    deeds = [
        "/rollouts/new?service=billing&kind=upgrade",
        "/rollouts/new?service=billing&kind=revert",
        "/rollouts/new?service=billing&kind=restart",
    ]
    offered = urls(visit, alice, "billing")
    assert offered[:5] == ["/services/billing", *deeds, f"/rollouts/{number}"]
    assert not set(deeds) & set(urls(visit, dora, "billing"))  # she looks
    assert visit(alice).get(deeds[1]).status_code == 200


def test_one_rollout_is_steered_as_its_board_lets_one(
    living: None, alice: Person, dora: Person, visit: Visit
) -> None:
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2, batches="1"))
    board = f"/rollouts/{drive.value.number}"
    for text in (f"#{drive.value.number}", str(drive.value.number), "service:billing state:active"):
        offered = urls(visit, alice, text)
        assert {f"{board}/pause", f"{board}/cancel", f"{board}?tab=timeline"} <= set(offered)
        assert f"{board}/rollback" not in offered  # first it is cancelled
        assert board in offered
        assert offered.index(board) < offered.index(
            f"{board}/pause"
        )  # Enter leads, and does not do
        assert f"{board}/pause" not in urls(visit, dora, text)
    text = visit(alice).get("/find", {"q": str(drive.value.number)}).content.decode()
    assert 'data-ask="Cancel this rollout?"' in text
    assert visit(alice).post(f"{board}/pause").status_code == 302
    assert Rollout.objects.get(pk=drive.value.number).state == "paused"


def test_what_goes_forth_in_prod_wants_the_name_here_too(
    living: None, alice: Person, visit: Visit
) -> None:
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2, batches="1"))
    visit(alice).post(f"/rollouts/{drive.value.number}/pause")
    text = visit(alice).get("/find", {"q": str(drive.value.number)}).content.decode()
    resume = text[text.index(f'action="/rollouts/{drive.value.number}/resume"') :]
    assert 'data-ask-name="billing"' in resume[: resume.index("</form>")]


def test_one_host_is_checked_and_changed_by_whoever_may(
    living: None, admin: Person, visit: Visit
) -> None:
    dan = person("dan", ("deployer", "", "prod"))
    assert "/hosts/web-1/check" in urls(visit, dan, "web-1")
    assert "/hosts/web-1/change" not in urls(visit, dan, "web-1")
    assert "/hosts/web-1/change" in urls(visit, admin, "web-1")
    viewer = person("vera", ("viewer", "", "prod"))
    assert "/hosts/web-1/check" not in urls(visit, viewer, "web-1")
    HostCheck.objects.all().delete()
    visit(dan).post("/hosts/web-1/check")
    assert HostCheck.objects.filter(host__name="web-1").exists()


def test_it_is_asked_as_lists_are(living: None, alice: Person, visit: Visit) -> None:
    Service.objects.filter(name="billing").update(labels={"team": "data"})
    assert urls(visit, alice, "team:data")[0] == "/services/billing"
    assert "/services/billing" not in urls(visit, alice, "-team:data")
    Host.objects.filter(name="web-2").update(state="unreachable")
    assert urls(visit, alice, "state:unreachable")[:1] == ["/hosts/web-2"]
    assert f"/rollouts/{Rollout.objects.get().pk}" in urls(visit, alice, "by:slipway kind:deploy")


@pytest.mark.parametrize("text", ["state:nonsense", 'team:"data', "state:", "x" * 600, "\x00", "-"])
def test_what_no_list_understands_is_told(
    living: None, alice: Person, visit: Visit, text: str
) -> None:
    answer = visit(alice).get("/find", {"q": text}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    if text == "state:nonsense":
        assert "nonsense" in answer.content.decode()
        assert "Nothing found." in answer.content.decode()


def test_no_list_is_cut_silently(living: None, alice: Person, admin: Person, visit: Visit) -> None:
    names = [f"many-{number:02}" for number in range(12)]
    fleet.add_hosts("prod", *names)
    Host.objects.filter(name__in=names).update(labels={"rack": "z"})
    offered = found(visit, admin, "rack:z")
    assert [url for url, _label in offered if url.startswith("/hosts/many-")] == [
        f"/hosts/{name}" for name in names[:7]
    ]
    (rest,) = [url for url, label in offered if label == "5 more"]
    assert visit(admin).get(rest).content.decode().count('href="/hosts/many-') == 12
    everything = found(visit, admin, "")
    assert ("/hosts", "8 more") in everything  # of 15


def test_it_takes_no_more_queries_where_there_is_more(
    living: None, admin: Person, visit: Visit
) -> None:
    browser, counts = visit(admin), []
    for _round in range(2):
        with CaptureQueriesContext(connection) as captured:
            browser.get("/find", {"q": "state:succeeded"}, headers={"HX-Request": "true"})
        counts.append(len(captured))
        for _each in range(3):
            fleet.run(admin.actor, "restart", "billing", "prod")
    assert counts[1] <= counts[0]

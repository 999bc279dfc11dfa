"""Home shows today's releases by the hour, and a service's page how the last thirty days went: from
rows of rollouts alone, and nothing where there are none."""

import re
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from slipway.core.rollout.value.words import Cause, End
from slipway.interfaces.web.start.today import today_of
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Version
from slipway.records.rollouts.models import Rollout
from tests.emptying import rules_away
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V2, Visit
from tests.interfaces.web.driving import Drive
from tests.interfaces.web.reading import laid_flat, page

NOON = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", text)).strip()


def panel(visit: Visit, who: Person, path: str, name: str) -> str:
    text = laid_flat(page(visit(who), path))
    found = re.search(rf'<section class="panel[^"]*" id="{name}">(.*?)</section>', text)
    return found[1] if found else ""


def ended(rollout: Rollout, hours: float, minutes: float = 1) -> None:
    """Let it have ended so many hours after noon of today."""
    at = NOON + timedelta(hours=hours)
    with rules_away(connection):
        Rollout.objects.filter(pk=rollout.pk).update(
            created_at=at - timedelta(minutes=minutes),
            started_at=at - timedelta(minutes=minutes),
            finished_at=at,
        )


def all_ended(days_ago: int) -> None:
    with rules_away(connection):
        Rollout.objects.update(finished_at=timezone.now() - timedelta(days=days_ago))


def take_back(by: Actor) -> Rollout:
    drive = Drive.take(fleet.begin(by, "upgrade", "billing", "prod", V2))
    drive.start(drive.targets()[0])
    drive.fail(drive.targets()[0])
    drive.close(End.TAKEN_BACK, halted=Cause.VERSION)
    return Rollout.objects.get(pk=drive.value.number)


def test_home_shows_each_hour_of_today_that_had_a_release(living: None, alice: Person) -> None:
    first = Rollout.objects.get()
    ended(first, -3)
    ended(take_back(alice.actor), 2)
    today = today_of(alice.actor, NOON + timedelta(hours=4))
    assert today is not None
    assert (today.summary, today.zone) == ("2 releases, 1 went back", "UTC")
    assert [(part.mark, part.x // 40) for part in today.parts] == [("ok", 9), ("fail", 14)]
    assert today.now == 16 * 40
    tomorrow = today_of(alice.actor, NOON + timedelta(hours=13))
    assert tomorrow is None
    victor = person("victor", ("viewer", "shop", ""))
    assert today_of(victor.actor, NOON + timedelta(hours=4)) is None


def test_hours_of_one_height_share_it_among_their_ends(living: None, alice: Person) -> None:
    ended(Rollout.objects.get(), 1)
    ended(take_back(alice.actor), 1)
    today = today_of(alice.actor, NOON + timedelta(hours=2))
    assert today is not None
    assert [(p.mark, p.y, p.height) for p in today.parts] == [("ok", 50, 50), ("fail", 0, 50)]


def test_a_day_without_a_release_has_no_picture(living: None, alice: Person, visit: Visit) -> None:
    all_ended(0)
    assert "1 release" in plain(panel(visit, alice, "/", "today"))
    all_ended(2)
    assert panel(visit, alice, "/", "today") == ""


def test_the_last_thirty_days_are_told_from_rollouts(
    living: None, alice: Person, visit: Visit
) -> None:
    with rules_away(connection):
        Version.objects.update(created_at=NOON - timedelta(hours=5))
    ended(Rollout.objects.get(), -3)
    text = plain(panel(visit, alice, "/services/billing", "tempo"))
    assert text.startswith("Last 30 days prod release, 0.2 a week 1 ")
    assert "had to go back, of 1 0" in text
    assert "from made to there, median 2 h" in text
    assert "to roll back, median –" in text
    fleet.run(alice.actor, "upgrade", "billing", "prod", V2)
    back = fleet.run(alice.actor, "revert", "billing", "prod")
    ended(back, 0, minutes=2)
    text = plain(panel(visit, alice, "/services/billing", "tempo"))
    assert "releases, 0.5 a week 2 had to go back, of 2 1" in text
    assert "to roll back, median 2 min" in text
    admin = person("anna", ("admin", "", ""))
    assert panel(visit, admin, "/services/shop", "tempo") == ""
    all_ended(31)
    assert panel(visit, alice, "/services/billing", "tempo") == ""


def sparks(visit: Visit, who: Person) -> dict[str, str]:
    """Return what the curve of each figure says in words."""
    found = panel(visit, who, "/services/billing", "tempo").split("<dt>")[1:]
    labels = [re.findall(r'role="img" aria-label="([^"]*)"', each) for each in found]
    return {
        each.split("</dt>")[0]: label[0] for each, label in zip(found, labels, strict=True) if label
    }


def test_each_figure_has_its_course_where_it_has_one(
    living: None, alice: Person, visit: Visit
) -> None:
    with rules_away(connection):
        Version.objects.update(created_at=NOON - timedelta(days=3))
    ended(Rollout.objects.get(), -48)
    assert sparks(visit, alice) == {"release, 0.2 a week": "at most 1 a day, on 1 day"}
    ended(take_back(alice.actor), -30, minutes=2)
    ended(fleet.run(alice.actor, "upgrade", "billing", "prod", V2), -29)
    assert sparks(visit, alice) == {
        "releases, 0.7 a week": "at most 2 a day, on 2 days",
        "had to go back, of 3": "at most 1 a day, on 1 day",
        "from made to there, median": "2 of them, between 24 h and 43 h; the last one 43 h",
    }
    text = panel(visit, alice, "/services/billing", "tempo")
    assert text.count("<svg") == 3
    [points] = re.findall(r'<polyline points="([^"]*)"', text)
    assert points == "0,18 300,2"
    assert [
        int(each) for each in re.findall(r'<rect x="\d+" y="\d+" width="8" height="(\d+)"', text)
    ] == [
        20,
        40,
        40,
    ]
    assert "style=" not in text


def test_a_share_is_told_from_ten_releases_on(living: None, alice: Person, visit: Visit) -> None:
    first = Rollout.objects.get()
    for _number in range(9):
        first.pk = None
        first.save()
    text = plain(panel(visit, alice, "/services/billing", "tempo"))
    assert "had to go back (0 of 10) 0 %" in text


def test_more_releases_take_no_more_queries(living: None, alice: Person, visit: Visit) -> None:
    for path in ("/", "/services/billing"):
        browser, counts, first = visit(alice), [], Rollout.objects.earliest("pk")
        for _many in range(2):
            with CaptureQueriesContext(connection) as captured:
                browser.get(path)
            counts.append(len(captured))
            for _number in range(12):
                first.pk = None
                first.save()
        assert counts[1] <= counts[0]

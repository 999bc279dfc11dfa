"""The page of a service leads from its first environment to its last, and says the next step."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from slipway.core.rollout.value.words import Cause, End
from slipway.core.words.versions import VersionStatus
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Comparison, Package, Service, Version
from slipway.records.fleet.models import Environment, Instance
from slipway.records.fleet.operations.windows import add_window
from slipway.records.rollouts.models import Step, Target
from slipway.records.rollouts.operations.locks import lock_service
from slipway.records.rollouts.operations.withdrawals import withdraw_version
from tests.emptying import rules_away
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.driving import Drive
from tests.interfaces.web.reading import laid_flat

V3 = "20261125T101502-main-3333333"
PAGE = "/services/billing"
PROMOTE = f"/rollouts/new?kind=upgrade&amp;service=billing&amp;environment=prod&amp;version={V2}"
MAIN = f'<a class="btn primary push" href="{PROMOTE}">'


@pytest.fixture
def ahead(living: None) -> None:
    """dev has V2, prod V1."""
    fleet.run(Actor.system(), "deploy", "billing", "dev", V2, hosts=("dev-1",), port=8080)


def way(text: str) -> str:
    """Return the panel of the way alone, as one line."""
    return laid_flat(text).split('<ol class="way">')[1].split("</ol>", maxsplit=1)[0]


def shown(visit: Visit, who: Person, page: str = PAGE) -> str:
    return laid_flat(visit(who).get(page).content.decode())


def test_the_main_action_says_which_version_goes_where_and_to_how_many(
    ahead: None, alice: Person, visit: Visit
) -> None:
    text = shown(visit, alice)
    assert MAIN in text
    assert "Promote main-2222222 to 2 instances in prod…" in text
    assert text.count('<a class="btn primary') == 1
    order = [way(text).index(f'href="#{name}"') for name in ("dev", "prod")]
    assert order == sorted(order)


def test_what_comes_from_further_left_is_grey_and_in_step(
    ahead: None, alice: Person, visit: Visit
) -> None:
    assert f'<a class="dim" href="{PAGE}/versions/' not in way(shown(visit, alice))
    fleet.run(Actor.system(), "upgrade", "billing", "prod", V2)
    text = shown(visit, alice)
    assert way(text).count(f'<a class="dim" href="{PAGE}/versions/{V2}"') == 1
    assert "in step" in way(text)
    assert "Wherever it runs, it runs main-2222222, and is as it should be." in text
    assert MAIN not in text


def test_commits_between_neighbours_are_counted_and_lead_to_the_comparison(
    ahead: None, alice: Person, visit: Visit
) -> None:
    with rules_away(connection):
        Version.objects.filter(name=V2).update(commit="2b2b2b2b")
    compare = f'href="{PAGE}/compare?base={V1}&amp;head={V2}"'
    assert compare in way(shown(visit, alice))
    Comparison.objects.create(
        service=Service.objects.get(name="billing"),
        base="1a2b3c4d",
        head="2b2b2b2b",
        total=7,
        finished_at=timezone.now(),
        requested_at=timezone.now(),
    )
    assert f"{compare}>7 commits<" in way(shown(visit, alice))
    with rules_away(connection):
        Version.objects.filter(name=V1).update(commit="")
    assert "/compare?base" not in way(shown(visit, alice))


def test_a_step_that_is_blocked_says_why_and_is_no_button(
    ahead: None, alice: Person, visit: Visit
) -> None:
    billing, prod = Service.objects.get(name="billing"), Environment.objects.get(name="prod")
    now, version = timezone.now(), Version.objects.get(name=V2, service=billing)
    dev = Environment.objects.get(name="dev")
    system = Actor.system()

    def says(why: str) -> None:
        text = shown(visit, alice)
        assert (why in way(text), PROMOTE in way(text), MAIN in text) == (True, False, False), why

    until = (now + timedelta(hours=1)).isoformat()
    add_window(
        environment=prod, begin=now.isoformat(), until=until, reason="sale", by=system, now=now
    )
    says("prod is closed to new releases now.")
    assert "sale" in way(shown(visit, alice))
    bob = person("bob-who-locks", ("admin", "billing", ""))
    lock_service(
        service=billing, environment=prod, reason="big sale", until=None, by=bob.actor, now=now
    )
    says("prod is locked by bob-who-locks.")
    assert "big sale" in way(shown(visit, alice))
    withdraw_version(version=version, environment=dev, reason="leaks", by=bob.actor, now=now)
    says("main-2222222 is withdrawn in dev.")


def test_who_may_not_release_reads_that_and_a_later_version_is_not_overwritten(
    ahead: None, alice: Person, visit: Visit
) -> None:
    reader = person("vic", ("viewer", "billing", ""))
    text = shown(visit, reader)
    assert "You may not release to prod." in way(text)
    assert "/rollouts/new" not in text
    with rules_away(connection):
        Version.objects.filter(name=V1).update(created_at=timezone.now() + timedelta(hours=1))
    assert "prod has a later version." in way(shown(visit, alice))


def test_a_rollout_under_way_is_what_stands_there(ahead: None, alice: Person, visit: Visit) -> None:
    rollout = fleet.begin(alice.actor, "upgrade", "billing", "prod", V2)
    text = shown(visit, alice)
    assert "A rollout is under way in prod." in text
    assert f'href="/rollouts/{rollout.pk}"' in way(text)
    assert "0 of 2 done" in way(text)
    assert f'href="{PAGE}/versions/{V2}"' in way(text).split('href="#prod"')[1]


def test_what_is_not_as_it_should_be_is_said_first_and_every_figure_empties(
    ahead: None, alice: Person, visit: Visit
) -> None:
    Instance.objects.filter(host__name="web-1").update(seen_version="", healthy=False)
    text = shown(visit, alice)
    assert "1 of 2 instances in prod is not as it should be." in text
    assert "1 of 2 well" in way(text)
    Instance.objects.all().delete()
    text = shown(visit, alice)
    assert "It runs nowhere yet." in text
    assert way(text).count("Not deployed here.") == 2
    assert "well" not in way(text)


def cells(text: str, version: str) -> list[str]:
    """Return what the list of versions says of one in each environment."""
    row = next(each for each in text.split("<tr>") if f"/versions/{version}" in each)
    found = row.split('<td class="stands-in')[1:]
    return [each.split("</td>", maxsplit=1)[0] for each in found]


def fail_in_dev(alice: Person) -> int:
    """V3, newer than V2, fails in dev and is taken back there."""
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "dev", V3))
    drive.start(drive.targets()[0])
    drive.fail(drive.targets()[0])
    drive.close(End.HALTED, halted=Cause.VERSION)
    return int(drive.value.number)


def test_the_list_of_versions_says_where_each_runs_ran_or_failed(
    ahead: None, alice: Person, visit: Visit
) -> None:
    fleet.make_version("billing", V3)
    rollout = fail_in_dev(alice)
    fleet.run(Actor.system(), "upgrade", "billing", "prod", V2)
    text = shown(visit, alice, f"{PAGE}/versions")
    dev, prod = cells(text, V3)
    assert (f"/rollouts/{rollout}" in dev, "failed" in dev, "never there" in prod) == (
        True,
        True,
        True,
    )
    assert "runs on 1 instance" in cells(text, V2)[0]
    assert "runs on 2 instances" in cells(text, V2)[1]
    assert "never there" in cells(text, V1)[0]
    assert "ran" in cells(text, V1)[1]
    times = [["<time " in cell for cell in cells(text, version)] for version in (V1, V2, V3)]
    assert times == [[False, True], [True, True], [True, False]]
    assert cells(shown(visit, alice), V3) == cells(text, V3)
    with rules_away(connection):
        Step.objects.all().delete()
        Target.objects.all().delete()
        Instance.objects.all().delete()
    text = shown(visit, alice, f"{PAGE}/versions")
    assert [["never there" in c for c in cells(text, v)] for v in (V1, V2, V3)] == [[True] * 2] * 3


def test_a_version_tells_its_stations_and_is_not_called_ready_where_it_went_wrong(
    ahead: None, alice: Person, visit: Visit
) -> None:
    fleet.make_version("billing", V3)
    good, bad = f"{PAGE}/versions/{V2}", f"{PAGE}/versions/{V3}"
    assert "ready" in shown(visit, alice, bad)
    rollout = fail_in_dev(alice)
    head, rest = shown(visit, alice, bad).split("What it has been through", maxsplit=1)
    assert "ready</span>" not in head
    assert "dev: failed" in head
    assert '<a class="btn primary' not in head
    stations = rest.split("</ol>", maxsplit=1)[0]
    assert f'href="/rollouts/{rollout}"' in stations
    assert "Halted: 1 failed, 0 allowed." in stations
    assert "not here yet" in stations
    assert Package.objects.get(versions__name=V3).sha256[:12] in stations
    text = shown(visit, alice, good)
    assert "Where it ran" in text
    assert "1 place · " in text
    assert "<rect " in text


def test_where_a_version_is_withdrawn_a_later_one_is_offered(
    ahead: None, alice: Person, visit: Visit
) -> None:
    withdraw_version(
        version=Version.objects.get(name=V1, service__name="billing"),
        environment=Environment.objects.get(name="prod"),
        reason="it leaks",
        by=alice.actor,
        now=timezone.now(),
    )
    text = shown(visit, alice, f"{PAGE}/versions/{V1}")
    assert "Release main-2222222 to prod instead…" in text
    assert f'<a class="btn primary" href="{PROMOTE}">' in text
    assert "prod: withdrawn" in text
    assert "it leaks" in text.split("What it has been through")[1].split("</ol>")[0]
    with rules_away(connection):
        Version.objects.filter(name=V2).update(status=VersionStatus.FAILED)
    assert "instead…" not in shown(visit, alice, f"{PAGE}/versions/{V1}")

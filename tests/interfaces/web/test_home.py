"""Home says what needs me: open things only, worst first, each with what is done about it."""

import re
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from slipway.core.rollout.value.words import Cause, End
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Build, BuildServer
from slipway.records.fleet.models import Environment, Host, HostState, Instance
from slipway.records.rollouts.models import Lock, Rollout
from tests.emptying import rules_away
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.building import BuildDrive
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.driving import Drive
from tests.interfaces.web.reading import laid_flat, page

CALM = "All is calm: every instance runs what it should."


def home(visit: Visit, who: Person) -> str:
    return laid_flat(page(visit(who), "/"))


def needs(text: str) -> list[str]:
    """The rows of what is open, from the worst on."""
    if '<ul class="rows needs">' not in text:
        return []
    listed = text.split('<ul class="rows needs">')[1].split("</ul>", maxsplit=1)[0]
    return re.findall(r"<li.*?</li>", listed)


def halt(by: Actor, *wanted: str) -> Rollout:
    """A rollout that its version's first failure halts."""
    drive = Drive.take(fleet.begin(by, *wanted))
    drive.start(drive.targets()[0])
    drive.fail(drive.targets()[0])
    drive.close(End.HALTED, halted=Cause.VERSION)
    return Rollout.objects.get(pk=drive.value.number)


def test_where_all_is_well_nothing_is_listed(living: None, alice: Person, visit: Visit) -> None:
    text = home(visit, alice)
    assert re.search(rf"<h1[^>]*>.*{re.escape(CALM)}</h1>", text)
    assert needs(text) == []


def test_a_halted_rollout_is_open_until_another_one_follows(
    living: None, alice: Person, visit: Visit
) -> None:
    halted = halt(alice.actor, "upgrade", "billing", "prod", V2)
    rows = needs(home(visit, alice))
    assert f'class="btn tiny" href="/rollouts/{halted.pk}"' in rows[0]
    assert "What happened" in rows[0]
    fleet.run(alice.actor, "deploy", "billing", "dev", V1, hosts=("dev-1",), port=8080)
    assert f"/rollouts/{halted.pk}" in needs(home(visit, alice))[0]  # elsewhere is no answer to it
    fleet.run(alice.actor, "upgrade", "billing", "prod", V2)
    text = home(visit, alice)
    assert (CALM in text, needs(text)) == (True, [])


def test_the_lock_that_a_halt_left_is_told_once_with_its_rollout(
    living: None, alice: Person, visit: Visit
) -> None:
    halted = halt(alice.actor, "upgrade", "billing", "prod", V2)
    text = home(visit, alice)
    row = needs(text)[0]
    assert f'id="need-rollout-{halted.pk}"' in row
    assert "It left a lock: rules start nothing there until that is released." in row
    assert "Release the lock" in row
    assert "<h2>Locks</h2>" not in text
    assert text.count("Halted: 1 failed, 0 allowed.") == 1
    viewer = person("victor", ("viewer", "", ""))
    assert "Release the lock" not in home(visit, viewer)
    dev = Environment.objects.get(name="dev")
    Lock.objects.create(
        service=halted.service, environment=dev, reason="books", since=dev.created_at,
        holder=alice.user,
    )  # fmt: skip
    text = home(visit, alice)
    assert "<h2>Locks</h2>" in text
    assert 'id="lock-billing-dev"' in text
    assert 'id="lock-billing-prod"' not in text
    Lock.objects.update(released_at=halted.finished_at)
    assert "It left a lock" not in home(visit, alice)


def test_what_a_rollout_left_as_failed_is_told_with_it_as_long_as_that_is_open(
    living: None, alice: Person, visit: Visit
) -> None:
    """One matter is one row; a place that the rollout did not fail at is a matter of its own."""
    halted = halt(alice.actor, "upgrade", "billing", "prod", V2)
    failed, other = Instance.objects.filter(service__name="billing").order_by("host__name")
    assert failed.get_status_display() == "upgrade_failed"
    assert len(needs(home(visit, alice))) == 1
    Instance.objects.filter(pk=other.pk).update(healthy=False)
    rows = needs(home(visit, alice))
    assert [f'id="need-rollout-{halted.pk}"' in rows[0], len(rows)] == [True, 2]
    assert f'id="need-instance-{other.pk}"' in rows[1]
    long_ago = timezone.now() - timedelta(days=2)
    with rules_away(connection):
        Rollout.objects.filter(pk=halted.pk).update(finished_at=long_ago)
    rows = needs(
        home(visit, alice)
    )  # somebody has seen the rollout; its place is still as it left it
    assert {f'id="need-instance-{each.pk}"' in "".join(rows) for each in (failed, other)} == {True}
    assert len(rows) == 2


def test_one_that_was_cancelled_before_it_began_settles_nothing(
    living: None, alice: Person, visit: Visit
) -> None:
    halted = halt(alice.actor, "upgrade", "billing", "prod", V2)
    rollout = fleet.begin(alice.actor, "restart", "billing", "prod")
    visit(alice).post(f"/rollouts/{rollout.pk}/cancel")
    Rollout.objects.filter(pk=rollout.pk).update(cancel_requested=True)
    Drive.take(rollout).close(End.CANCELLED)
    assert f"/rollouts/{halted.pk}" in needs(home(visit, alice))[0]


def test_a_failed_build_is_open_until_another_one_of_its_ref_follows(
    gitlab: BuildServer, alice: Person, visit: Visit
) -> None:
    for ref in ("main", "feature/x"):
        BuildDrive.ask("billing", alice.actor, ref=ref).fail()
    first, second = needs(home(visit, alice))
    assert 'href="/services/billing/build?ref=feature%2Fx"' in first
    assert 'href="/services/billing/build?ref=main"' in second
    BuildDrive.ask("billing", alice.actor, ref="main").fail()
    assert len(needs(home(visit, alice))) == 2  # the newest of each ref
    drive = BuildDrive.ask("billing", alice.actor, ref="main")
    drive.start()
    text = home(visit, alice)
    assert "1 thing needs a look." in text
    assert "Building now" in text
    assert "Build again" not in home(visit, person("vera", ("viewer", "", "")))


def test_what_a_person_cancelled_needs_nobody(
    gitlab: BuildServer, alice: Person, visit: Visit
) -> None:
    drive = BuildDrive.ask("billing", alice.actor)
    visit(alice).post(f"/builds/{drive.build_id}/cancel")
    drive.fail()
    assert Build.objects.get().cancel_requested_at is not None
    assert needs(home(visit, alice)) == []


def test_a_cancelled_build_hides_no_failure_before_it(
    gitlab: BuildServer, alice: Person, visit: Visit
) -> None:
    failed = BuildDrive.ask("billing", alice.actor)
    failed.fail()
    (row,) = needs(home(visit, alice))
    assert f"/builds/{failed.build_id}" in row
    again = BuildDrive.ask("billing", alice.actor)
    assert needs(home(visit, alice)) == []
    visit(alice).post(f"/builds/{again.build_id}/cancel")
    again.fail()
    (row,) = needs(home(visit, alice))
    assert f"/builds/{failed.build_id}" in row


def test_a_host_whose_key_is_not_known_is_checked_with_its_key_learnt(
    living: None, admin: Person, visit: Visit
) -> None:
    Host.objects.filter(name="web-1").update(state=HostState.UNREACHABLE)
    (row,) = needs(home(visit, admin))
    assert "learn_key" not in row
    Host.objects.filter(name="web-1").update(host_key="")
    (row,) = needs(home(visit, admin))
    assert 'name="learn_key" value="1"' in row
    assert "Learn its key and check" in row


def test_what_waits_for_somebody_goes_on_from_here(
    living: None, alice: Person, visit: Visit
) -> None:
    Environment.objects.filter(name="prod").update(promotion_needed=True)
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2, batches="1"))
    drive.start(drive.targets()[0])
    drive.succeed(drive.targets()[0])
    text = home(visit, alice)
    (row,) = needs(text)
    assert "Batch 1 is done and waits for you." in row
    assert f'action="/rollouts/{drive.value.number}/promote"' in row
    assert 'data-ask-name="billing"' in row  # prod wants the name, here as on its board
    assert "data-key" not in row
    assert "Rolling out now" not in text
    (row,) = needs(home(visit, person("vera", ("viewer", "", ""))))
    assert "/promote" not in row


def test_what_ends_by_itself_needs_nobody(living: None, alice: Person, visit: Visit) -> None:
    rollout = fleet.begin(alice.actor, "restart", "billing", "prod")
    Drive.take(rollout)
    visit(alice).post(f"/rollouts/{rollout.pk}/cancel")
    text = home(visit, alice)
    assert needs(text) == []
    assert "Being cancelled." in text


def test_the_worst_comes_first_and_production_before_what_leads_to_it(
    living: None, admin: Person, visit: Visit
) -> None:
    fleet.run(admin.actor, "deploy", "billing", "dev", V1, hosts=("dev-1",), port=8080)
    places = Instance.objects.filter(service__name="billing")
    places.filter(host__name="web-1").update(seen_version="0.9")
    places.filter(host__name="web-2").update(seen_version="", healthy=False)
    places.filter(host__name="dev-1").update(seen_version="", healthy=False)
    lost = Sentence.of("lost", "Port 22 refuses.")
    Host.objects.filter(name="web-1").update(state=HostState.UNREACHABLE, problem=lost)
    halted = halt(admin.actor, "restart", "billing", "dev")
    rows = needs(home(visit, admin))
    assert f"/rollouts/{halted.pk}" in rows[0]
    shown = [
        re.findall(r'class="link mono" href="/hosts/([a-z0-9-]+)"', row)[0] for row in rows[1:]
    ]
    assert shown == ["web-2", "web-1", "web-1"]  # as drifted, then as unreachable
    assert "Port 22 refuses." in rows[-1]
    assert 'action="/hosts/web-1/check"' in rows[-1]
    assert "4 things need a look." in home(visit, admin)
    viewer = needs(home(visit, person("vera", ("viewer", "", ""))))
    assert [row for row in viewer if "<form" in row] == []


def test_each_figure_is_of_rows(company: None, admin: Person, visit: Visit) -> None:
    text = home(visit, admin)
    figures = re.findall(r'<a href="(/[a-z]+)"><b>(\d+)</b>', text)
    assert figures == [
        ("/services", "2"),
        ("/services", "0"),
        ("/hosts", str(Host.objects.count())),
    ]
    Host.objects.all().delete()
    text = home(visit, admin)
    assert '<a href="/hosts"><b>0</b>' in text
    assert "Welcome. Nothing runs yet." in text

"""What is offered: what still means something, to who may do it, and all one can choose from."""

import re

import pytest
from django.db import connection
from django.utils import timezone

from slipway.core.rollout.value.words import Cause, End
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Environment
from slipway.records.fleet.operations.environments import create_environment
from slipway.records.rollouts.models import Rollout, Target
from tests.emptying import rules_away
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.driving import Drive
from tests.interfaces.web.reading import laid_flat, page

WISH = {"kind": "upgrade", "service": "billing", "environment": "prod", "version": V2}


@pytest.mark.parametrize(("order", "is_asked"), [(30, True), (20, False)])
def test_a_stray_key_lets_no_batch_begin_where_a_name_is_wanted(
    living: None, alice: Person, visit: Visit, order: int, is_asked: bool
) -> None:
    Environment.objects.filter(name="prod").update(promotion_needed=True, order=order)
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2, batches="1"))
    first = drive.targets()[0]
    drive.start(first)
    drive.succeed(first)
    text = visit(alice).get(f"/rollouts/{drive.value.number}").content.decode()
    assert ('data-ask="Let batch 2 begin?"' in text) == is_asked
    assert ('data-ask-name="billing"' in text) == is_asked


@pytest.mark.parametrize(("order", "is_asked"), [(30, True), (20, False)])
def test_a_stray_key_changes_no_host_where_a_name_is_wanted(
    living: None, alice: Person, visit: Visit, order: int, is_asked: bool
) -> None:
    Environment.objects.filter(name="prod").update(order=order, automatic_rollback=False)
    rollout = fleet.begin(alice.actor, "upgrade", "billing", "prod", V2, batches="1")
    address = f"/rollouts/{rollout.pk}"
    drive = Drive.take(rollout)
    first = drive.targets()[0]
    drive.start(first)
    drive.write({}, paused=True)
    paused = visit(alice).get(address).content.decode()
    assert f'action="{address}/resume"' in paused
    assert ('data-ask="Go on?"' in paused) == is_asked
    assert ('data-ask-name="billing"' in paused) == is_asked
    drive.fail(first)
    drive.close(End.PARTIAL)
    over = visit(alice).get(address).content.decode()
    assert f'action="{address}/retry"' in over
    assert ('data-ask="Retry what did not succeed?"' in over) == is_asked
    assert 'data-ask="Roll back?"' in over
    # Both on top, and beside what failed.
    assert over.count('data-ask-name="billing"') == (4 if is_asked else 0)


def test_what_went_well_goes_on_to_the_next_environment_and_back_is_no_danger(
    living: None, alice: Person, dora: Person, visit: Visit
) -> None:
    fleet.reach_hosts("dev-1")
    done = fleet.run(alice.actor, "deploy", "billing", "dev", V2, hosts=("dev-1",), port=8080)
    onward = f'href="/rollouts/new?service=billing&amp;environment=prod&amp;version={V2}"'

    def board(rollout: Rollout, who: Person = alice) -> str:
        return visit(who).get(f"/rollouts/{rollout.pk}").content.decode()

    text = board(done)
    assert f'<a class="btn primary" {onward}>' in text
    assert f'action="/rollouts/{done.pk}/rollback"' in text
    assert not re.search(r'class="btn\s+danger', text)
    assert onward not in board(done, dora)
    upgraded = fleet.run(alice.actor, "upgrade", "billing", "prod", V2)
    assert onward not in board(done)  # it is there
    assert "Promote to" not in board(upgraded)  # nothing comes after prod
    create_environment(name="beyond", order=99, by=Actor.system(), now=timezone.now())
    assert "Promote to beyond" in board(done)  # prod, which comes first, has it already
    rollout = fleet.begin(alice.actor, "upgrade", "billing", "prod", V1)
    drive = Drive.take(rollout)
    for target in drive.targets():
        drive.start(target)
        drive.fail(target)
    drive.close(End.PARTIAL)
    assert re.search(r'class="btn\s+danger', board(rollout))


def test_what_was_done_is_told_with_what_came_after_it(
    living: None, alice: Person, visit: Visit
) -> None:
    browser = visit(alice)
    upgrade = fleet.run(alice.actor, "upgrade", "billing", "prod", V2)

    def board(rollout: Rollout) -> str:
        return browser.get(f"/rollouts/{rollout.pk}").content.decode()

    assert "Done: 2 hosts got" in board(upgrade)
    assert "Roll back" in board(upgrade)
    one = fleet.run(alice.actor, "restart", "billing", "prod", hosts=("web-1",))
    assert f"Since then: #{one.pk}" in board(upgrade)
    assert f'action="/rollouts/{upgrade.pk}/rollback"' in board(upgrade)  # web-2 is as it left it
    back = fleet.run(alice.actor, "revert", "billing", "prod")
    assert f"Since then: #{back.pk}" in board(upgrade)
    assert f'action="/rollouts/{upgrade.pk}/rollback"' not in board(upgrade)
    # Going back is not gone back from by a key: the bad version would be there again.
    assert f'action="/rollouts/{back.pk}/rollback"' not in board(back)


def test_who_may_only_look_is_offered_no_start(living: None, dora: Person, visit: Visit) -> None:
    text = visit(dora).post("/rollouts/plan", WISH).content.decode()
    assert "You may look at this plan, and not start it" in text
    assert 'id="start"' not in text


def test_no_choice_is_cut_in_silence(living: None, alice: Person, visit: Visit) -> None:
    fleet.add_hosts("prod", *(f"more-{number}" for number in range(230)))
    wish = WISH | {"kind": "deploy"}
    text = laid_flat(visit(alice).post("/rollouts/plan", wish).content.decode())
    assert text.count('name="hosts" value=') == 200
    assert "Listed: 200 of 232. Search for a part of the name of others." in text
    found = visit(alice).post("/rollouts/plan", wish | {"find_host": "more-229"}).content.decode()
    assert 'name="hosts" value="more-229"' in laid_flat(found)


def test_what_is_back_already_is_not_taken_back_once_more(
    living: None, alice: Person, visit: Visit
) -> None:
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2))
    drive.start(drive.targets()[0])
    drive.fail(drive.targets()[0])
    drive.close(End.TAKEN_BACK, halted=Cause.VERSION)
    number = drive.value.number
    assert f'action="/rollouts/{number}/rollback"' in page(visit(alice), f"/rollouts/{number}")
    with rules_away(connection):
        Target.objects.filter(rollout=number, touched=True).update(state="taken_back")
    board = page(visit(alice), f"/rollouts/{number}")
    assert f'action="/rollouts/{number}/rollback"' not in board
    assert f'action="/rollouts/{number}/retry"' in board
    assert "mend the version or how it is run, then retry." in board


def test_whoever_takes_a_first_deployment_back_hears_that_it_is_removed(
    living: None, alice: Person, visit: Visit
) -> None:
    deployed = fleet.run(alice.actor, "deploy", "billing", "prod", V2, hosts=("web-1",), port=8181)
    board = visit(alice).get(f"/rollouts/{deployed.pk}").content.decode()
    assert 'data-ask="Remove again what was deployed?"' in board
    assert "An instance that was not there before is removed again" in board
    upgrade = fleet.run(alice.actor, "upgrade", "billing", "prod", V2)
    board = visit(alice).get(f"/rollouts/{upgrade.pk}").content.decode()
    assert "goes back to its own earlier version." in board
    assert "is removed again" not in board

"""The batches of a board: work is open, what is over and well is folded; what a halt left is told
with what helps."""

import re

from slipway.core.rollout.value.words import Cause, End
from slipway.records.accounts.rights import Actor
from slipway.records.rollouts.models import Lock
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V2, Visit
from tests.interfaces.web.driving import Drive
from tests.interfaces.web.reading import laid_flat, page


def board(visit: Visit, who: Person, drive: Drive) -> str:
    return laid_flat(page(visit(who), f"/rollouts/{drive.value.number}"))


def opened(text: str) -> dict[int, bool]:
    found = re.findall(r'<details class="panel batch[^>]*data-batch="(\d+)"( open)?', text)
    return {int(number): bool(is_open) for number, is_open in found}


def legs(text: str) -> list[tuple[str, str, bool]]:
    rail = text.split('<nav class="rail')[1].split("</nav>", maxsplit=1)[0]
    found = re.findall(r'<a class="leg" href="#batch-\d+"([^>]*)><span>(.*?)<b>(.*?)</b>', rail)
    return [(name.strip(), done, "aria-current" in now) for now, name, done in found]


def begin(by: Actor, batches: str = "1") -> Drive:
    return Drive.take(fleet.begin(by, "upgrade", "billing", "prod", V2, batches=batches))


def test_what_is_at_work_is_open_and_the_rest_is_folded(
    living: None, alice: Person, visit: Visit
) -> None:
    drive = begin(alice.actor)
    assert opened(board(visit, alice, drive)) == {1: True, 2: False}  # the next to be
    first, second = drive.targets()
    drive.start(first)
    assert legs(board(visit, alice, drive)) == [("Canary", "0/1", True), ("Batch 2", "0/1", False)]
    drive.succeed(first)
    text = board(visit, alice, drive)
    assert opened(text) == {1: False, 2: True}
    assert legs(text) == [("Canary", "1/1", False), ("Batch 2", "0/1", True)]
    drive.start(second)
    assert opened(board(visit, alice, drive)) == {1: False, 2: True}
    drive.fail(second)
    assert opened(board(visit, alice, drive)) == {1: False, 2: True}  # where something is wrong


def test_a_short_board_that_is_over_is_open_and_stands_nowhere(
    living: None, alice: Person, visit: Visit
) -> None:
    drive = begin(alice.actor)
    drive.finish()
    text = board(visit, alice, drive)
    assert opened(text) == {1: True, 2: True}
    assert [is_now for _name, _done, is_now in legs(text)] == [False, False]


def test_a_long_board_that_is_over_is_folded(living: None, admin: Person, visit: Visit) -> None:
    fleet.add_hosts("prod", *(f"many-{number}" for number in range(30)))
    many = tuple(name for name in fleet.hosts_of("prod") if name.startswith("many"))
    fleet.reach_hosts(*many)
    rollout = fleet.run(
        admin.actor,
        "deploy",
        "shop",
        "prod",
        "20261120T101502-main-1111111",
        hosts=many,
        port=9090,
        batches="1 100%",
    )
    text = laid_flat(page(visit(admin), f"/rollouts/{rollout.pk}"))
    assert opened(text) == {1: False, 2: False}
    assert legs(text) == [("Canary", "1/1", False), ("Batch 2", "29/29", False)]


def test_one_batch_needs_no_line(living: None, admin: Person, visit: Visit) -> None:
    text = board(visit, admin, begin(admin.actor, "100%"))
    assert 'class="rail' not in text
    assert opened(text) == {1: True}


def test_a_halted_board_names_its_lock_and_releases_it(
    living: None, alice: Person, admin: Person, visit: Visit
) -> None:
    drive = begin(alice.actor)
    drive.start(drive.targets()[0])
    drive.fail(drive.targets()[0])
    assert "It left a lock" not in board(visit, admin, drive)
    drive.close(End.HALTED, halted=Cause.VERSION)
    told = "It left a lock on billing in prod: release rules, and its version where that was"
    text = board(visit, admin, drive)
    assert told in text
    assert opened(text) == {1: True, 2: False}  # nothing has begun in the other
    assert "</b>not begun" in text
    assert "</b>waiting" not in text
    deployer = board(visit, alice, drive)  # a rollout's is released for a reason, and not broken
    assert "/unlock" in deployer
    viewer = board(visit, person("vera", ("viewer", "", "")), drive)
    assert told in viewer
    assert "/unlock" not in viewer
    assert "Ask somebody who may do that: alice" in viewer
    address = f"/rollouts/{drive.value.number}"
    form = {"environment": "prod", "reason": "", "next": address}
    assert visit(admin).post("/services/billing/unlock", form).headers["Location"] == address
    assert told in board(visit, admin, drive)  # it wants a reason
    visit(admin).post("/services/billing/unlock", form | {"reason": "mended"})
    assert Lock.objects.get().release_reason == "mended"
    assert "It left a lock" not in board(visit, admin, drive)


def test_releasing_leads_nowhere_else(living: None, admin: Person, visit: Visit) -> None:
    form = {"environment": "prod", "reason": "x", "next": "https://elsewhere.example/"}
    answer = visit(admin).post("/services/billing/unlock", form)
    assert answer.headers["Location"] == "/services/billing#prod"

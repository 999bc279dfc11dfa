"""A rollout in the pages: planned, started, steered; and who sees which buttons."""

import pytest

from slipway.core.rollout.value.words import Cause, End
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Environment, Host
from slipway.records.rollouts.models import Lock, Rollout
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.driving import Drive

WISH = {"kind": "upgrade", "service": "billing", "environment": "prod", "version": V2}


def hash_in(text: str) -> str:
    return text.split('name="plan_hash" value="')[1].split('"', maxsplit=1)[0]


def test_a_plan_says_what_would_happen_and_changes_nothing(
    living: None, alice: Person, visit: Visit
) -> None:
    text = visit(alice).post("/rollouts/plan", WISH).content.decode()
    for said in (
        "main-1111111",
        "main-2222222",
        "web-1:8080",
        "2 hosts",
        "Type billing to confirm",
    ):
        assert said in text
    assert Rollout.objects.count() == 1  # the one that deployed it


def test_what_was_planned_is_started(living: None, alice: Person, visit: Visit) -> None:
    browser = visit(alice)
    planned = browser.post("/rollouts/plan", WISH).content.decode()
    form = WISH | {"plan_hash": hash_in(planned), "confirm": "billing", "reason": "fixes #7"}
    answer = browser.post("/rollouts/new", form)
    rollout = Rollout.objects.latest("id")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/rollouts/{rollout.pk}")
    assert (rollout.reason, rollout.version and rollout.version.name) == ("fixes #7", V2)
    assert rollout.created_by == alice.user


def test_production_wants_the_name_typed_and_keeps_the_form(
    living: None, alice: Person, visit: Visit
) -> None:
    answer = visit(alice).post("/rollouts/new", WISH | {"reason": "hot fix", "confirm": "bill"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Type billing to confirm." in text
    assert 'value="hot fix"' in text
    assert Rollout.objects.count() == 1


def test_a_plan_that_no_longer_holds_is_not_started(
    living: None, alice: Person, visit: Visit
) -> None:
    form = WISH | {"plan_hash": "0" * 64, "confirm": "billing"}
    answer = visit(alice).post("/rollouts/new", form)
    assert answer.status_code == 409
    assert "The plan is not the one you looked at" in answer.content.decode()


def test_what_runs_already_is_an_answer_not_an_error(
    living: None, alice: Person, visit: Visit
) -> None:
    text = visit(alice).post("/rollouts/plan", WISH | {"version": V1}).content.decode()
    assert f"{V1} runs already, healthy, everywhere it was asked for." in text


def test_an_obstacle_is_said_with_what_to_do_in_the_readers_language(
    living: None, alice: Person, bob: Person, visit: Visit
) -> None:
    fleet.begin(bob.actor, "restart", "billing", "prod")
    browser = visit(alice)
    assert "billing in prod is busy" in browser.post("/rollouts/plan", WISH).content.decode()
    browser.cookies["django_language"] = "zh-hans"
    assert "prod 的 billing 正忙" in browser.post("/rollouts/plan", WISH).content.decode()


@pytest.mark.parametrize(
    "nonsense",
    [
        {"port": "99999"},
        {"batches": "x"},
        {"failure_budget": "-1"},
        {"version": "nothing"},
        {"bake_time": "a while"},
    ],
)
def test_what_cannot_be_meant_is_refused_and_kept(
    living: None, admin: Person, visit: Visit, nonsense: dict[str, str]
) -> None:
    wish = {"kind": "deploy", "service": "shop", "environment": "dev", "hosts": "dev-1"}
    answer = visit(admin).post("/rollouts/new", {**wish, "version": V1, **nonsense})
    assert answer.status_code in (404, 422)
    text = answer.content.decode()
    assert "note is-fail" in text or 'class="empty"' in text


def test_the_board_tells_how_it_stands(living: None, alice: Person, visit: Visit) -> None:
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2, batches="1"))
    first, _second = drive.targets()
    drive.start(first)
    drive.step(first, ["unpack"], "switch")
    drive.say("hello", target=first)
    browser = visit(alice)
    text = browser.get(f"/rollouts/{drive.value.number}").content.decode()
    assert "Batch 1 of 2: 0 of 1 hosts done, 1 at work." in text
    assert "Canary" in text
    assert ">switch<" in text
    assert "hello" in text
    steps = browser.get(f"/rollouts/{drive.value.number}/targets/{first.pk}").content.decode()
    assert "unpack" in steps
    assert '<em class="ansi-green">ready</em>' in steps


def test_problems_are_grouped_by_what_is_the_same(
    living: None, alice: Person, visit: Visit
) -> None:
    drive = Drive.take(
        fleet.begin(
            Actor.system(), "upgrade", "billing", "prod", V2, batches="2", failure_budget="2"
        )
    )
    drive.start(*drive.targets())
    for target in drive.targets():
        drive.fail(target)
    text = visit(alice).get(f"/rollouts/{drive.value.number}/head").content.decode()
    assert "2 hosts did not make it" in text
    assert text.count("it never got healthy") == 1
    assert text.count("?target=") == 2


def test_each_end_has_its_sentence(living: None, alice: Person, visit: Visit) -> None:
    browser = visit(alice)
    ends = {
        End.HALTED: ("Stopped by itself: 0 of 2 hosts were done.", "Halted: 0 failed, 0 allowed."),
        End.PARTIAL: ("Done in part: 0 of 2 hosts were done.", "Not among them: web-1:8080"),
        End.CANCELLED: ("Cancelled: 0 of 2 hosts were done.", "0 new, 2 as before"),
    }
    for end, sentences in ends.items():
        drive = Drive.take(fleet.begin(alice.actor, "restart", "billing", "prod"))
        drive.close(end, halted=Cause.VERSION if end is End.HALTED else None)
        text = browser.get(f"/rollouts/{drive.value.number}").content.decode()
        for sentence in sentences:
            assert sentence in text
    done = fleet.run(alice.actor, "restart", "billing", "prod")
    text = browser.get(f"/rollouts/{done.pk}").content.decode()
    assert "Done: restarted on 2 hosts." in text


def test_a_batch_that_waits_for_a_person_says_so_and_is_promoted(
    living: None, alice: Person, visit: Visit
) -> None:
    Environment.objects.filter(name="prod").update(promotion_needed=True)
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2, batches="1"))
    first = drive.targets()[0]
    drive.start(first)
    drive.succeed(first)
    browser = visit(alice)
    address = f"/rollouts/{drive.value.number}"
    assert "Batch 1 is done and waits for you." in browser.get(address).content.decode()
    assert "Batch 1 is done and waits for you." in browser.get("/").content.decode()
    assert browser.post(f"{address}/promote", {"confirm": "billing"}).headers["Location"] == address
    assert Rollout.objects.get(pk=drive.value.number).words.get().word == "promote"


def test_buttons_pause_go_on_and_cancel(living: None, alice: Person, visit: Visit) -> None:
    rollout = fleet.begin(alice.actor, "restart", "billing", "prod")
    browser, address = visit(alice), f"/rollouts/{rollout.pk}"
    browser.post(f"{address}/pause")
    assert "Paused: 0 of 2 hosts are done." in browser.get(address).content.decode()
    browser.post(f"{address}/resume", {"confirm": "billing"})
    browser.post(f"{address}/cancel")
    rollout.refresh_from_db()
    assert rollout.cancel_requested
    assert "Being cancelled." in browser.get(address).content.decode()


def test_retry_and_rollback_lead_to_a_new_board(living: None, alice: Person, visit: Visit) -> None:
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2, batches="1"))
    first = drive.targets()[0]
    drive.start(first)
    drive.fail(first)
    drive.close(End.HALTED, halted=Cause.VERSION)
    browser = visit(alice)
    answer = browser.post(f"/rollouts/{drive.value.number}/rollback", {"confirm": "billing"})
    back = Rollout.objects.latest("id")
    assert answer.headers["Location"] == f"/rollouts/{back.pk}"
    assert back.reverts_id == drive.value.number
    text = browser.get(f"/rollouts/{drive.value.number}").content.decode()
    assert f"/rollouts/{back.pk}" in text
    Drive.take(back).finish()


def test_a_refused_button_says_why_on_the_board(living: None, alice: Person, visit: Visit) -> None:
    done = fleet.run(alice.actor, "restart", "billing", "prod")
    browser = visit(alice)
    browser.post(f"/rollouts/{done.pk}/pause")
    text = browser.get(f"/rollouts/{done.pk}").content.decode()
    assert f"Rollout {done.pk} is over: succeeded." in text
    assert (
        f"Rollout {done.pk} is over" not in browser.get(f"/rollouts/{done.pk}").content.decode()
    )  # said once


def test_whoever_may_only_look_sees_no_button_and_presses_none(
    living: None, alice: Person, dora: Person, visit: Visit
) -> None:
    rollout = fleet.begin(alice.actor, "restart", "billing", "prod")
    browser = visit(dora)
    text = browser.get(f"/rollouts/{rollout.pk}").content.decode()
    assert "/pause" not in text
    assert "/rollouts/new" not in browser.get("/services/billing").content.decode()
    assert browser.post(f"/rollouts/{rollout.pk}/pause").status_code == 403
    assert browser.post("/rollouts/new", WISH | {"confirm": "billing"}).status_code == 403
    rollout.refresh_from_db()
    assert rollout.state == "pending"


def test_charlie_sees_nothing(living: None, alice: Person, charlie: Person, visit: Visit) -> None:
    rollout = fleet.begin(alice.actor, "restart", "billing", "prod")
    browser = visit(charlie)
    for address in (
        f"/rollouts/{rollout.pk}",
        f"/rollouts/{rollout.pk}/events",
        "/services/billing",
    ):
        assert browser.get(address).status_code == 404
    assert "billing" not in browser.get("/").content.decode()
    assert "billing" not in browser.get("/audit").content.decode()


def test_a_lock_is_set_shown_and_broken_with_a_reason(
    living: None, alice: Person, bob: Person, visit: Visit
) -> None:
    browser = visit(alice)
    form = {"environment": "prod", "reason": "big sale", "hours": "2"}
    answer = browser.post("/services/billing/lock", form)
    assert answer.headers["Location"] == "/services/billing#prod"
    assert "big sale" in browser.get("/services/billing").content.decode()
    assert "big sale" in visit(bob).get("/").content.decode()
    visit(bob).post("/services/billing/unlock", {"environment": "prod", "reason": "over"})
    lock = Lock.objects.get()
    assert (lock.released_by, lock.release_reason) == (bob.user, "over")


def test_a_host_is_checked_and_taken_into_maintenance(
    living: None, admin: Person, visit: Visit
) -> None:
    browser = visit(admin)
    browser.post("/hosts/web-1/check")
    assert "Being checked…" in browser.get("/hosts/web-1").content.decode()
    browser.post("/hosts/web-1/maintenance", {"on": "1"})
    assert "maintenance" in browser.get("/hosts/web-1").content.decode()
    browser.post("/checks", {"where": "env:prod"})
    assert "hosts are being checked." in browser.get("/hosts").content.decode()


def test_a_host_says_whether_it_starts_what_runs_by_scripts(
    living: None, admin: Person, visit: Visit
) -> None:
    browser = visit(admin)
    assert "start with the host" in browser.get("/hosts/web-1").content.decode()
    Host.objects.filter(name="web-1").update(user="deploy", become="none")
    shown = browser.get("/hosts/web-1").content.decode()
    assert "when it is restarted: deploy may write no unit." in shown
    assert "slipway host change web-1 --sudo" in shown


def test_a_sentence_that_was_kept_is_said_in_the_readers_language(
    living: None, alice: Person, visit: Visit
) -> None:
    drive = Drive.take(fleet.begin(Actor.system(), "upgrade", "billing", "prod", V2, batches="2"))
    drive.start(*drive.targets())
    never = Sentence.of(
        "never_healthy", "{place}: {version} did not become healthy.", place="web-1", version="V2"
    )
    problem = Sentence.of("it_said", "{problem} It said: {said}", problem=never, said="no room")
    drive.fail(drive.targets()[0], problem)
    browser = visit(alice)
    browser.cookies["django_language"] = "zh-hans"
    text = browser.get(f"/rollouts/{drive.value.number}").content.decode()
    assert "V2 未能通过健康检查。它说：no room" in text

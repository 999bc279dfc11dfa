"""A rollout that asks: its board shows the question, and buttons that answer it."""

from slipway.records.audit.models import Event
from slipway.records.rollouts.models import PersonsWord, Rollout, Target
from tests.interfaces.people import Person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V2, Visit

NO_ROOM = {
    "code": "no_room",
    "places": ["web-2:8080"],
    "since": 0.0,
    "sentence": {
        "code": "no_room",
        "template": "There is no room for a turn: {places} may be away.",
        "hint": "Mend it, or go on.",
        "values": {"places": "web-2:8080"},
    },
}


def asking(alice: Person) -> Rollout:
    rollout = fleet.begin(alice.actor, "upgrade", "billing", "prod", V2)
    Rollout.objects.filter(pk=rollout.pk).update(asks=NO_ROOM, state="paused", driver="one")
    return rollout


def words(rollout: Rollout) -> list[tuple[str, str]]:
    return list(PersonsWord.objects.filter(rollout=rollout).values_list("word", "answer"))


def test_the_board_says_what_is_asked(living: None, alice: Person, visit: Visit) -> None:
    rollout = asking(alice)
    text = visit(alice).get(f"/rollouts/{rollout.pk}").content.decode()
    assert "There is no room for a turn: web-2:8080 may be away." in text
    assert "Mend it, or go on." in text
    for name in ("resume", "without", "cancel"):
        assert f'action="/rollouts/{rollout.pk}/{name}"' in text


def test_a_button_answers_it(living: None, alice: Person, visit: Visit) -> None:
    rollout = asking(alice)
    form = {"confirm": "billing", "reason": "its rack is down"}
    visit(alice).post(f"/rollouts/{rollout.pk}/without", form)
    assert Event.objects.get(verb="rollout.answered").reason == "its rack is down"
    assert words(rollout) == [("answer", "without")]
    visit(alice).post(f"/rollouts/{rollout.pk}/resume", {"confirm": "billing"})
    assert [word for word, _ in words(rollout)] == ["answer", "resume"]


def test_who_may_not_deploy_answers_nothing(
    living: None, alice: Person, dora: Person, visit: Visit
) -> None:
    rollout = asking(alice)
    assert visit(dora).post(f"/rollouts/{rollout.pk}/without").status_code == 403
    assert "/without" not in visit(dora).get(f"/rollouts/{rollout.pk}").content.decode()
    assert words(rollout) == []


def test_an_answer_to_nothing_is_refused(living: None, alice: Person, visit: Visit) -> None:
    rollout = fleet.begin(alice.actor, "upgrade", "billing", "prod", V2)
    browser = visit(alice)
    browser.post(f"/rollouts/{rollout.pk}/without")
    text = browser.get(f"/rollouts/{rollout.pk}").content.decode()
    assert f"Rollout {rollout.pk} asks nothing now." in text


def unknown(alice: Person) -> tuple[Rollout, Target]:
    rollout = fleet.begin(alice.actor, "upgrade", "billing", "prod", V2)
    target = Target.objects.filter(rollout=rollout).order_by("pk")[0]
    Target.objects.filter(pk=target.pk).update(state="unknown")
    return rollout, target


def test_a_person_says_that_what_is_unknown_is_gone(
    living: None, alice: Person, visit: Visit
) -> None:
    rollout, target = unknown(alice)
    browser, steps = visit(alice), f"/rollouts/{rollout.pk}/targets/{target.pk}"
    assert f'action="{steps}/gone"' in browser.get(steps).content.decode()
    browser.post(f"{steps}/gone", {"confirm": "billing"})
    said = PersonsWord.objects.get(rollout=rollout)
    assert (said.word, said.place) == ("gone", f"{target.host.name}:{target.port}")


def test_only_who_may_deploy_says_so_and_only_of_what_is_unknown(
    living: None, alice: Person, dora: Person, visit: Visit
) -> None:
    rollout, target = unknown(alice)
    steps = f"/rollouts/{rollout.pk}/targets/{target.pk}"
    assert "/gone" not in visit(dora).get(steps).content.decode()
    assert visit(dora).post(f"{steps}/gone").status_code == 403
    Target.objects.filter(pk=target.pk).update(state="running")
    assert "/gone" not in visit(alice).get(steps).content.decode()
    assert not PersonsWord.objects.exists()

"""What the doctor says of hosts that know a later claim than ours, and raising ours above it."""

from typing import Any

import pytest
from django.utils import timezone, translation

from slipway.core.hosts.claims import FARTHEST
from slipway.core.words.kinds import RolloutKind
from slipway.interfaces.doctor.findings import findings
from slipway.interfaces.web.frame.saying import said, said_hint
from slipway.records.audit import queries as audit
from slipway.records.rollouts.models import Epoch, LaterClaim, Rollout
from tests.chinese import english_in
from tests.hand import Hand
from tests.interfaces.people import Person
from tests.interfaces.releases import begin, make_version

ABOVE = 1000
KEY = {"Idempotency-Key": "3f2c"}


@pytest.fixture
def rollout(root: Person) -> Rollout:
    """A rollout of billing to web-1 and web-2 that is driven."""
    make_version("1.0", "billing")
    made = begin(RolloutKind.DEPLOY, "1.0", "web-1", "web-2", service="billing", environment="prod")
    Hand(made)
    return made


def knows(rollout: Rollout, host: str, *, by: int = ABOVE, installation: str = "") -> int:
    """A host has refused the rollout's claim: it knows one that is ahead by so much."""
    target = rollout.targets.get(host__name=host)
    epoch = Epoch.objects.get().value + by
    LaterClaim.objects.create(
        service=rollout.service, host=target.host, port=target.port, rollout=rollout, epoch=epoch,
        installation=installation, heard_at=timezone.now(),
    )  # fmt: skip
    return epoch


def finding(who: Person) -> Any:
    return next(item for item in who.get("/doctor").json()["items"] if item["code"] == "claims")


def in_chinese() -> tuple[str, str]:
    found = next(each for each in findings(timezone.now()) if each.code == "claims")
    with translation.override("zh-hans"):
        return said(found.said), said_hint(found.said)


def test_all_is_well_where_no_host_has_refused_us(root: Person, rollout: Rollout) -> None:
    found = finding(root)
    assert (found["ok"], found["message"]) == (True, "No host knows a later claim than ours.")


def test_the_doctor_names_hosts_epochs_and_the_command(root: Person, rollout: Rollout) -> None:
    ours = Epoch.objects.get().value
    first, second = knows(rollout, "web-1"), knows(rollout, "web-2", by=2 * ABOVE)
    found = finding(root)
    assert found["ok"] is False
    assert f"which is {ours}: web-1 ({first}), web-2 ({second})" in found["message"]
    assert "`slipway claim raise`" in found["hint"]


def test_the_doctor_tells_every_kind_apart(root: Person, rollout: Rollout) -> None:
    knows(rollout, "web-1", by=2 * FARTHEST)
    knows(rollout, "web-2", installation="theirs")
    found = finding(root)
    assert "further ahead of ours than one of ours can be: web-1 (" in found["message"]
    assert "another installation of Slipway takes care: web-2 (theirs)" in found["message"]
    assert "claim raise" not in found["hint"]
    assert found["hint"].count("receipts/fence") == 2


@pytest.mark.parametrize("kind", [{}, {"by": 2 * FARTHEST}, {"installation": "theirs"}])
def test_it_is_said_in_chinese(rollout: Rollout, kind: dict[str, Any]) -> None:
    knows(rollout, "web-1", **kind)
    for text in in_chinese():
        assert english_in(text.replace("SERVICE/*/receipts/fence", "")) == []


def test_claims_are_raised_above_the_highest_and_it_is_written_down(
    root: Person, rollout: Rollout
) -> None:
    before, highest = Epoch.objects.get().value, knows(rollout, "web-1", by=2 * ABOVE)
    knows(rollout, "web-2")
    answer = root.post("/claims/raise", {"reason": "the database was restored"})
    assert answer.status_code == 200
    assert answer.json() == {"before": before, "after": highest + 1}
    assert finding(root)["ok"]
    (event,) = audit.list_events(actor=root.actor, wanted=audit.EventFilter(verb="claims.raised"))
    assert (event.before, event.after) == ({"epoch": before}, {"epoch": highest + 1})
    assert event.reason == "the database was restored"
    assert Hand(rollout).held.epoch == highest + 2


def test_nothing_is_raised_where_nothing_is_to_be_raised(root: Person, rollout: Rollout) -> None:
    before = Epoch.objects.get().value
    answer = root.post("/claims/raise")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_raise")
    assert "there is nothing to raise" in answer.json()["message"]
    for kind in ({"by": 2 * FARTHEST}, {"installation": "theirs"}):
        LaterClaim.objects.all().delete()
        knows(rollout, "web-1", **kind)
        refused = root.post("/claims/raise").json()
        assert (refused["code"], "web-1" in refused["message"]) == ("nothing_to_raise", True)
        assert "receipts/fence" in refused["hint"]
    assert Epoch.objects.get().value == before
    assert audit.list_events(actor=root.actor, wanted=audit.EventFilter(verb="claims.raised")) == []


def test_the_same_request_raises_once(root: Person, rollout: Rollout) -> None:
    knows(rollout, "web-1")
    first, again = (root.post("/claims/raise", **KEY) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert Epoch.objects.get().value == first.json()["after"]


def test_what_can_no_longer_be_raised_over_is_forgotten_with_its_instance(
    root: Person, rollout: Rollout
) -> None:
    knows(rollout, "web-1", installation="theirs")
    assert not finding(root)["ok"]
    LaterClaim.objects.update(port=1)  # an instance that there is not
    Rollout.objects.filter(pk=rollout.pk).update(
        state="cancelled", finished_at=timezone.now(), watching=False
    )
    assert finding(root)["ok"]

"""What went wrong on a board: grouped by cause, each told once, in its own words, with whose fault
it is, where it is and what helps."""

import re
from typing import Any

import pytest

from slipway.core.rollout.value.words import Cause, End
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.rollouts.models import Target
from tests.interfaces.people import Person, person
from tests.interfaces.web import fleet
from tests.interfaces.web.conftest import V1, V2, Visit
from tests.interfaces.web.driving import Drive
from tests.interfaces.web.reading import laid_flat, page


def problems(visit: Visit, who: Person, drive: Drive) -> str:
    text = laid_flat(page(visit(who), f"/rollouts/{drive.value.number}"))
    return text.split('<div id="problems"')[1].split('<div class="batches"')[0]


def begin(**more: str) -> Drive:
    wanted = fleet.begin(Actor.system(), "upgrade", "billing", "prod", V2, batches="2", **more)
    drive = Drive.take(wanted)
    drive.start(*drive.targets())
    return drive


def never(place: str) -> Sentence:
    unwell = Sentence.of("x", "{place}: {version} did not become healthy.", place=place, version=V2)
    return Sentence.of("y", "{problem} It said: {said}", problem=unwell, said="HTTP 503: no pool")


def test_one_cause_is_told_once_with_its_own_words(
    living: None, alice: Person, visit: Visit
) -> None:
    drive = begin(failure_budget="2")
    for target, place in zip(drive.targets(), ("web-1:8080", "web-2:8080"), strict=True):
        drive.fail(target, never(place))
    text = problems(visit, alice, drive)
    assert f"<b>2 hosts: {V2} did not become healthy.</b>" in text
    assert '<q class="quote">HTTP 503: no pool</q>' in text
    assert text.count("did not become healthy") == text.count("HTTP 503") == 1
    assert re.findall(r'href="\?target=\d+">(.*?)</a>', text) == ["web-1:8080", "web-2:8080"]
    assert "/rollback" not in text  # not as long as it runs: that is said on top


@pytest.mark.parametrize(
    ("cause", "whose"),
    [
        (Cause.VERSION, f"It counts against {V2}."),
        (Cause.HOST, "It is the host&#x27;s fault, not the version&#x27;s."),
        (Cause.WEATHER, "It may pass, and does not count against the version."),
        (Cause.OURS, "It is a fault of Slipway&#x27;s, and does not count"),
    ],
)
def test_it_is_said_whose_fault_it_is(
    living: None, alice: Person, visit: Visit, cause: Cause, whose: str
) -> None:
    drive = begin()
    drive.fail(drive.targets()[0], never("web-1:8080"))
    Target.objects.filter(rollout=drive.value.number).exclude(cause="").update(cause=cause)
    text = problems(visit, alice, drive)
    assert whose in text
    assert ('href="/hosts/web-1"' in text) is (cause is not Cause.VERSION)


def test_two_causes_are_two_and_what_helps_stands_beside_each(
    living: None, alice: Person, visit: Visit
) -> None:
    drive = begin()
    first, second = drive.targets()
    drive.fail(first, never("web-1:8080"))
    drive.fail(second, "{place}: its disk is full.")
    Target.objects.filter(pk=second.pk).update(cause=Cause.HOST)
    drive.close(End.HALTED, halted=Cause.VERSION)
    version, host = problems(visit, alice, drive).split("<li ")[1:]
    actions = re.compile(r'action="/rollouts/\d+/(\w+)"')
    assert actions.findall(version) == ["rollback", "retry"]
    assert actions.findall(host) == ["retry"]
    assert "1 host: its disk is full." in host
    assert "data-key" not in version + host  # the keys are those of the buttons on top
    viewer = problems(visit, person("vera", ("viewer", "", "")), drive)
    assert actions.findall(viewer) == []
    assert "1 host: its disk is full." in viewer


def test_what_its_host_kept_out_is_told_and_what_a_person_did_is_not(
    living: None, alice: Person, visit: Visit
) -> None:
    drive = begin()
    first, second = drive.targets()
    for target in (first, second):
        drive.fail(target, "{place}: its port is held by something that is not ours.")
    kept = Target.objects.filter(rollout=drive.value.number)
    kept.update(state="left_out", touched=False, cause=Cause.HOST)
    kept.filter(pk=second.pk).update(cause=Cause.PERSON)
    text = problems(visit, alice, drive)
    assert "1 host: its port is held by something that is not ours." in text
    assert "web-2" not in text


def test_many_places_are_named_in_part_and_the_rest_opens(
    living: None, admin: Person, visit: Visit
) -> None:
    names = tuple(f"many-{number}" for number in range(10, 19))
    fleet.add_hosts("prod", *names)
    fleet.reach_hosts(*names)
    more: dict[str, Any] = {"hosts": names, "port": 9090, "batches": "100%"}
    drive = Drive.take(fleet.begin(admin.actor, "deploy", "shop", "prod", V1, **more))
    drive.start(*drive.targets())
    for target in drive.targets():
        drive.fail(target)
    text = problems(visit, admin, drive)
    seen, _, folded = text.partition("<details")
    assert "9 hosts: it never got healthy." in seen
    assert (seen.count("?target="), folded.count("?target=")) == (6, 3)
    assert re.search(r"<summary>\s*and 3 more\s*</summary>", folded)


def test_without_a_failure_nothing_is_there(living: None, alice: Person, visit: Visit) -> None:
    assert "<section" not in problems(visit, alice, begin())

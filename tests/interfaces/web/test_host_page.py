"""The page of a host says first whether all is as it should be, and judges what was found there."""

import pytest

from slipway.records.audit.models import Event
from slipway.records.fleet.models import Host, HostState, Instance
from tests.interfaces.people import Person, person
from tests.interfaces.web.conftest import Visit
from tests.interfaces.web.reading import laid_flat

PAGE = "/hosts/web-1"
WELL = "Everything here is as it should be."


def shown(visit: Visit, who: Person) -> str:
    return laid_flat(visit(who).get(PAGE).content.decode())


def find(**facts: object) -> None:
    host = Host.objects.get(name="web-1")
    host.facts = {**host.facts, **facts}
    host.save()


def test_what_differs_is_said_first_and_is_what_the_main_action_mends(
    living: None, admin: Person, visit: Visit
) -> None:
    text = shown(visit, admin)
    assert WELL in text
    assert '<button class="btn primary"><svg class="icon" aria-hidden="true"' in text
    Instance.objects.filter(host__name="web-1").update(seen_version="0.9")
    text = shown(visit, admin)
    assert WELL not in text
    assert "1 of 1 instances here is not as it should be." in text
    table = text.split("<tbody>")[1].split("</tbody>")[0]
    assert table.index("main-1111111") < table.index(">0.9<")  # wanted beside seen
    main = text.split('action="/hosts/web-1/restore"')[1].split("</form>")[0]
    assert '<button class="btn primary">' in main
    check = text.split('action="/hosts/web-1/check"')[1].split("</form>")[0]
    assert '<button class="btn">' in check


def test_nothing_is_said_to_be_well_that_nobody_knows_or_that_is_not_there(
    living: None, admin: Person, visit: Visit
) -> None:
    Host.objects.filter(name="web-1").update(state=HostState.UNREACHABLE)
    text = shown(visit, admin)
    assert "Nobody can say how it is now." in text
    assert WELL not in text
    Host.objects.filter(name="web-1").update(state=HostState.UNKNOWN)
    assert "It was never reached." in shown(visit, admin)
    Host.objects.filter(name="web-1").update(state=HostState.OK)
    Instance.objects.all().delete()
    assert "Nothing should run here." in shown(visit, admin)


@pytest.mark.parametrize(
    ("facts", "mark", "verdict"),
    [
        ({}, "ok", "enough: a release needs about 5.7 MB"),
        ({"disk_free": 2**20}, "fail", "too little: a release needs about 5.7 MB"),
        ({"disk_free": 10 * 2**30}, "warn", "nearly full"),
        ({"root_writable": False}, "fail", "no release can go there"),
        ({"lacking": ["setsid"]}, "fail", "setsid is missing"),
    ],
)
def test_facts_are_judged_by_what_a_release_needs(
    living: None, admin: Person, visit: Visit, facts: dict[str, object], mark: str, verdict: str
) -> None:
    find(**facts)
    text = shown(visit, admin)
    before = text.split(verdict)[0]
    assert verdict in text
    assert before.rindex(f'class="stand is-{mark}"') > before.rindex("<dd>")


def test_a_host_key_says_since_when_it_is_known_and_by_whom(
    living: None, admin: Person, visit: Visit
) -> None:
    text = shown(visit, admin)
    identity = text.split(">Identity<")[1].split("</section>")[0]
    assert "SHA256:" in identity
    (event,) = Event.objects.filter(verb="host.key_learnt", thing_name="web-1")
    assert event.at.isoformat(timespec="seconds") in identity
    assert f"· {event.by_name}" in identity
    narrow = person("nora", ("viewer", "billing", ""))
    assert "SHA256:" not in shown(visit, narrow)

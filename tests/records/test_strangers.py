"""What strangers try is kept, and no stranger fills the table that nothing may shorten."""

from datetime import timedelta

import pytest

from slipway.records.audit import operations
from slipway.records.audit.models import Event
from slipway.records.audit.operations import UNPROVEN_WEBHOOK, WORTHLESS_TOKEN, record_stranger
from tests.records.people import NOW

pytestmark = pytest.mark.django_db


def sources(deed: str) -> list[str]:
    return list(Event.objects.filter(verb=deed).order_by("pk").values_list("source", flat=True))


def test_one_of_a_deed_and_a_place_in_ten_minutes() -> None:
    for seconds in (0, 1, 599, 600):
        at = NOW + timedelta(seconds=seconds)
        record_stranger(WORTHLESS_TOKEN, source="192.0.2.1", now=at)
    record_stranger(UNPROVEN_WEBHOOK, source="192.0.2.1", now=NOW)
    assert sources(WORTHLESS_TOKEN) == ["192.0.2.1", "192.0.2.1"]
    assert sources(UNPROVEN_WEBHOOK) == ["192.0.2.1"]


def test_all_addresses_of_one_customer_are_one_place() -> None:
    for number in range(20):
        record_stranger(WORTHLESS_TOKEN, source=f"2001:db8:1:2::{number}", now=NOW)
    assert sources(WORTHLESS_TOKEN) == ["2001:db8:1:2::/64"]


def test_who_comes_from_everywhere_fills_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST_STRANGE", 5)
    for number in range(50):
        source, thing = f"198.51.100.{number}", (f"{number}", f"token {number}")
        record_stranger(WORTHLESS_TOKEN, source=source, now=NOW, thing=thing, after={"why": "x"})
        record_stranger(UNPROVEN_WEBHOOK, source=source, now=NOW)
    assert Event.objects.count() == 5 + 2  # one of each deed that says no more
    last = Event.objects.filter(verb=WORTHLESS_TOKEN, source="").get()
    assert (last.thing_id, last.thing_name, last.after) == ("", "", None)

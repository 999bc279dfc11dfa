"""What was written down for ever stays, on both databases, whoever asks the database."""

import pytest
from django.db import DatabaseError, connection, transaction

from slipway.core.words.refusal import Invalid
from slipway.core.words.roles import Role
from slipway.records.accounts.rights import Actor
from slipway.records.audit.models import Event
from slipway.records.audit.operations import record
from slipway.records.audit.queries import EventFilter, list_events
from slipway.records.rows.texts import checked_text
from tests.records.people import NOW, bob, charlie, person


def an_event(**more: str) -> Event:
    return record("host.added", "host", 1, "web-1", by=Actor.system(), now=NOW, **more)  # type: ignore[arg-type]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    ["UPDATE audit_event SET by_name = 'nobody'", "DELETE FROM audit_event"],
)
def test_an_event_is_neither_changed_nor_removed(sql: str) -> None:
    an_event()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        connection.cursor().execute(sql)
    assert Event.objects.get().by_name == "slipway"


@pytest.mark.django_db
def test_an_event_is_not_replaced_past_the_rule() -> None:
    event = an_event()
    sql = "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE audit_event"
    if connection.vendor == "sqlite":
        event.refresh_from_db()
        names = [str(field.column) for field in Event._meta.concrete_fields]
        others = ", ".join("'nobody'" if name == "by_name" else name for name in names)
        columns = ", ".join(names)
        sql = f"INSERT OR REPLACE INTO audit_event ({columns}) SELECT {others} FROM audit_event"
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        connection.cursor().execute(sql)
    assert Event.objects.get().by_name == "slipway"


@pytest.mark.django_db(transaction=True)
def test_the_rule_is_there_also_after_a_test_database_was_emptied() -> None:
    event = an_event()
    with pytest.raises(DatabaseError, match="never changed"):
        event.delete()


@pytest.mark.django_db(transaction=True)
def test_the_rule_is_there_after_the_test_above_too() -> None:
    event = an_event()
    event.verb = "host.removed"
    with pytest.raises(DatabaseError, match="never changed"):
        event.save()


@pytest.mark.django_db
def test_an_event_says_who_did_what_from_where_and_why() -> None:
    event = record(
        "lock.broken", "service", 7, "billing", by=bob(), now=NOW, reason="Alice is on holiday",
        before={"holder": "alice"}, service="billing", environment="prod",
    )  # fmt: skip
    event.refresh_from_db()
    assert (event.by_name, event.source, event.at) == ("bob", "192.0.2.1", NOW)
    assert event.before == {"holder": "alice"}


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "x" * 300])
def test_hostile_texts_cannot_keep_an_event_from_being_written(text: str) -> None:
    event = record("host.added", "host", 1, text, by=Actor.system(), now=NOW, reason=text)
    event.refresh_from_db()
    assert "\0" not in event.thing_name + event.reason
    assert len(event.thing_name) <= 255


@pytest.mark.django_db
def test_events_are_seen_by_those_who_may_see_the_thing() -> None:
    an_event()
    an_event(service="billing", environment="prod")
    an_event(service="shop", environment="prod")
    dora = person("dora", (Role.VIEWER, "billing", ""))
    assert len(list_events(actor=bob())) == 3
    assert [event.service for event in list_events(actor=dora)] == ["billing"]
    assert list_events(actor=charlie()) == []


@pytest.mark.django_db
def test_events_come_newest_first_and_in_parts() -> None:
    ids = [an_event().pk for _ in range(5)]
    first = list_events(actor=bob(), limit=2)
    then = list_events(actor=bob(), limit=2, before_id=first[-1].id)
    assert [event.id for event in (*first, *then)] == ids[:0:-1]
    assert len(list_events(actor=bob(), wanted=EventFilter(verb="host."))) == 5
    assert list_events(actor=bob(), wanted=EventFilter(verb="lock.")) == []
    assert list_events(actor=bob(), wanted=EventFilter(verb="\0")) == []


@pytest.mark.parametrize("text", ["\0", "\ud800", "x" * 11])
def test_text_that_no_database_takes_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(Invalid):
        checked_text(text, what="reason", limit=10)

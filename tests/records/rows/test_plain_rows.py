"""Rows that are taken as they come are rows like others."""

import pytest
from django.utils import timezone

from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Service
from slipway.records.catalog.operations import services


@pytest.fixture
def billing() -> Service:
    return services.create_service(
        name="billing", language="go", by=Actor.system(), now=timezone.now()
    )


@pytest.mark.django_db
def test_a_row_that_is_read_is_the_one_that_was_written(billing: Service) -> None:
    read = Service.objects.get(name="billing")
    assert read == billing
    assert read.created_at == billing.created_at
    assert (read.name, read.labels, read.hook_secret) == ("billing", {}, billing.hook_secret)
    assert not read._state.adding


@pytest.mark.django_db
def test_what_was_left_out_is_read_when_it_is_asked_for(billing: Service) -> None:
    read = Service.objects.only("name").get(name="billing")
    assert read.get_deferred_fields() >= {"language", "labels"}
    assert read.language == "go"


@pytest.mark.django_db
def test_what_is_changed_and_saved_is_written(billing: Service) -> None:
    read = Service.objects.only("name").get(name="billing")
    read.description = "bills"
    read.save(update_fields=["description"])
    billing.refresh_from_db()
    assert billing.description == "bills"

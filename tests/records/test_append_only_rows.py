"""What was made, and what is over, is neither changed nor removed nor put in another's place, on
both databases, whoever asks the database."""

from contextlib import suppress

import pytest
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from slipway.core.words.refusal import Refused
from slipway.records.catalog.models import Package, Release, Version
from slipway.records.catalog.operations import versions
from slipway.records.rollouts.models import Rollout, Step, Target, WellState
from slipway.records.rows.writing.uniqueness import refused_if_taken
from tests.hand import Hand
from tests.records.world import World, stored
from tests.standing import made_once

pytestmark = pytest.mark.django_db

KEPT: tuple[type[models.Model], ...] = (
    *(Version, Package, Release, Rollout, Target, Step, WellState),
)
KEYS = {
    Version: ("service_id", "name"),
    Package: ("sha256",),
    Release: ("version_id", "fingerprint"),
    Target: ("rollout_id", "host_id", "port"),
    Step: ("ticket",),
}
ON_SQLITE = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL has no INSERT OR REPLACE"
)


@made_once
def standing() -> World:
    world = World(hosts=2)
    rollout = world.start("deploy", world.version("1.0"))
    hand = Hand(rollout, now=world.clock())
    for place in hand.places():
        hand.start(place)
        hand.step(place, ("unpack", "switch"))
        hand.succeed(place)
    hand.close()
    return world


def rows(model: type[models.Model]) -> list[tuple[object, ...]]:
    return list(model._base_manager.order_by("pk").values_list())


def refused(model: type[models.Model], sql: str) -> None:
    """Nothing has changed, whether it was refused or left out."""
    before = rows(model)
    assert before
    with suppress(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert rows(model) == before


def columns(model: type[models.Model], **others: str) -> tuple[str, str]:
    names = [str(field.column) for field in model._meta.concrete_fields if field.column != "id"]
    if "id" in others:
        names.insert(0, "id")
    quoted = [f'"{name}"' for name in names]
    values = [others.get(name, f'"{name}"') for name in names]
    return ", ".join(quoted), ", ".join(values)


@pytest.mark.parametrize("model", KEPT)
def test_none_is_removed(world: World, model: type[models.Model]) -> None:
    refused(model, f"DELETE FROM {model._meta.db_table}")
    if connection.vendor == "postgresql":
        refused(model, f"SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {model._meta.db_table} CASCADE")


@ON_SQLITE
@pytest.mark.parametrize("model", KEPT)
def test_none_is_replaced_by_one_of_its_number(world: World, model: type[models.Model]) -> None:
    names, values = columns(model, id='"id"', name="'other'", plan_hash="'other'", filename="'x'")
    table = model._meta.db_table
    refused(model, f"INSERT OR REPLACE INTO {table} ({names}) SELECT {values} FROM {table}")


@ON_SQLITE
@pytest.mark.parametrize("model", KEYS)
def test_nor_by_one_of_its_name(world: World, model: type[models.Model]) -> None:
    names, values = columns(model)
    table = model._meta.db_table
    refused(model, f"INSERT OR REPLACE INTO {table} ({names}) SELECT {values} FROM {table}")


@ON_SQLITE
def test_nor_by_one_that_takes_its_number_or_name_later(world: World) -> None:
    made = Version.objects.get()
    building = Version.objects.create(
        service=world.service, name="1.1", status=1, created_at=world.clock()
    )
    table, where = Version._meta.db_table, f"WHERE id = {building.pk}"
    refused(Version, f"UPDATE OR REPLACE {table} SET id = {made.pk} {where}")
    refused(Version, f"UPDATE OR REPLACE {table} SET name = '1.0' {where}")
    world.version("1.2")
    refused(Package, "UPDATE OR REPLACE catalog_package SET id = 1 + id")
    under_way = world.start("restart")
    over = Rollout.objects.exclude(pk=under_way.pk).get()
    where = f"WHERE id = {under_way.pk}"
    refused(Rollout, f"UPDATE OR REPLACE rollouts_rollout SET id = {over.pk} {where}")


@pytest.mark.parametrize(
    "change",
    [
        {"plan_hash": "other"},
        {"plan": {}},
        {"reason": "another"},
        {"kind": "restart"},
        {"version": None},
        {"created_by": None},
        {"end": "halted"},
        {"withdrawn": ["1.0"]},
    ],
)
def test_a_finished_rollout_keeps_all_of_its_words(world: World, change: dict[str, object]) -> None:
    with pytest.raises(DatabaseError, match="stays as it ended"), transaction.atomic():
        Rollout.objects.update(**change)


def test_a_release_is_never_changed(world: World) -> None:
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Release.objects.update(spec={"user": "root"})


class _Taken(Refused):
    """It is taken."""


def test_a_name_that_is_taken_is_an_answer(world: World) -> None:
    """The rule speaks before the constraint, and is heard as one."""
    with pytest.raises(_Taken), refused_if_taken(_Taken("taken")):
        Version.objects.create(
            service=world.service, name="1.0", status=1, created_at=world.clock()
        )


def test_a_version_of_that_name_is_still_refused_in_a_sentence(world: World) -> None:
    with pytest.raises(Refused, match=r"1\.0"):
        versions.take_version(
            service=world.service, stored=stored("another"), name="1.0", by=world.alice,
            now=world.clock(),
        )  # fmt: skip


def test_what_is_still_being_made_may_go(world: World) -> None:
    building = Version.objects.create(
        service=world.service, name="1.1", status=1, created_at=world.clock()
    )
    building.delete()
    assert [version.name for version in Version.objects.all()] == ["1.0"]

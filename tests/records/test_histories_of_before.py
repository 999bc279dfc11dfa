"""What rows of before the histories say is taken over, also in the middle of a rollout."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
BEFORE = [
    ("catalog", "0004_packages_keep_their_bytes"),
    ("fleet", "0001_initial"),
    ("rollouts", "0004_release_rules_and_retention"),
]
RUNNING, INSTALLING, UPGRADING, STOPPED, INSTALL_FAILED, UPGRADE_FAILED = 0, 1, 2, 5, 11, 12


def migrate(targets: list[tuple[str, str]]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


def newest() -> list[tuple[str, str]]:
    return list(MigrationExecutor(connection).loader.graph.leaf_nodes())


@pytest.fixture
def before() -> Iterator[Any]:
    """The models of before, at their schema; afterwards the newest schema is there again."""
    yield migrate(BEFORE)
    migrate(newest())


class Old:
    """Rows as they were written before."""

    def __init__(self, apps: Any) -> None:
        self._apps = apps
        made: dict[str, object] = {"created_at": NOW}
        self.service = self.of("catalog", "Service").create(
            name="billing", language="go", updated_at=NOW, **made
        )
        self.environment = self.of("fleet", "Environment").create(
            name="prod", bake_time=timedelta(0), progress_deadline=timedelta(minutes=10), **made
        )
        self.key = self.of("fleet", "SshKey").create(
            name="k", private_key="x", public_key="y", **made
        )
        self.versions = {
            name: self.of("catalog", "Version").create(
                service=self.service, name=name, status=0, **made
            )
            for name in ("1.0", "1.1", "1.2")
        }

    def of(self, room: str, model: str) -> Any:
        return self._apps.get_model(room, model).objects

    def instance(self, host: str, status: int, version: str, previous: str = "") -> Any:
        there = self.of("fleet", "Host").create(
            name=host, address="192.0.2.1", user="x", environment=self.environment, key=self.key,
            created_at=NOW,
        )  # fmt: skip
        return self.of("fleet", "Instance").create(
            service=self.service, environment=self.environment, host=there, port=8080,
            version=self.versions[version], previous_version=self.versions.get(previous),
            status=status, created_at=NOW,
        )  # fmt: skip

    def rollout(self, state: str, instance: Any) -> Any:
        finished = None if state in ("pending", "running", "paused") else NOW
        rollout = self.of("rollouts", "Rollout").create(
            kind="upgrade", service=self.service, environment=self.environment, batches="100%",
            max_unavailable=1, failures_allowed=0, bake_time=timedelta(0), plan={"kind": "upgrade"},
            progress_deadline=timedelta(minutes=10), plan_hash="x", state=state, created_at=NOW,
            finished_at=finished,
        )  # fmt: skip
        self.of("rollouts", "Target").create(
            rollout=rollout, instance=instance, host=instance.host, port=8080, batch=1,
            from_version=self.versions["1.0"], to_version=self.versions["1.1"],
            state="running" if finished is None else "failed", touched=True,
        )  # fmt: skip
        return rollout


def test_what_ran_well_becomes_history(before: Any) -> None:
    old = Old(before)
    rows = {
        "well": old.instance("web-1", RUNNING, "1.1", "1.0"),
        "failed": old.instance("web-2", UPGRADE_FAILED, "1.1", "1.0"),
        "first": old.instance("web-3", RUNNING, "1.0"),
        "never": old.instance("web-4", INSTALL_FAILED, "1.2"),
        "stopped": old.instance("web-5", STOPPED, "1.1"),
        "under way": old.instance("web-6", UPGRADING, "1.0"),
        "begun": old.instance("web-7", INSTALLING, "1.2"),
    }
    apps = migrate(newest())
    wells = apps.get_model("rollouts", "WellState").objects.order_by("depth")
    said = {
        what: [
            (each.release.version.name, each.depth, each.until is None)
            for each in wells.filter(host=row.host_id).select_related("release__version")
        ]
        for what, row in rows.items()
    }
    both = [("1.0", 0, False), ("1.1", 1, True)]
    assert said == {
        "well": both,
        "failed": both,
        "first": [("1.0", 0, True)],
        "never": [],
        "stopped": [("1.1", 0, True)],
        "under way": [("1.0", 0, True)],
        "begun": [],
    }
    instances = apps.get_model("fleet", "Instance").objects.select_related("release__version")
    assert {(each.release.version_id, each.release.fingerprint) for each in instances} == {
        (version.pk, "") for version in old.versions.values()
    }
    assert [each.host.name for each in instances if not each.up] == ["web-5"]
    installations = apps.get_model("rollouts", "Installation").objects.all()
    assert [len(each.name) for each in installations] == [32]


def test_rollouts_keep_their_end_under_its_new_word_and_one_under_way_its_form(
    before: Any,
) -> None:
    old = Old(before)
    instance = old.instance("web-1", UPGRADING, "1.0")
    failed, under_way = old.rollout("failed", instance), old.rollout("running", instance)
    rollouts = migrate(newest()).get_model("rollouts", "Rollout").objects
    assert rollouts.get(pk=failed.pk).state == "partial"
    going = rollouts.get(pk=under_way.pk)
    assert (going.state, going.format, going.plan) == ("running", 0, {"kind": "upgrade"})
    with pytest.raises(DatabaseError, match="stays as it ended"), transaction.atomic():
        rollouts.filter(pk=failed.pk).update(state="succeeded")
    rollouts.filter(pk=going.pk).update(state="cancelled", finished_at=NOW)
    rollouts.filter(pk=failed.pk).update(watching=True)
    rollouts.filter(pk=failed.pk).update(state="running", finished_at=None)
    assert rollouts.get(pk=failed.pk).state == "running"

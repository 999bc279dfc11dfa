"""What rows of before the histories say is taken over, also in the middle of a rollout; and whoever
went all of the way has the tables of who took the short one.

It takes ten seconds: all rows of before go the way together, from the first table on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from pytest_django import DjangoDbBlocker

from tests.records.schema import drawn, empty_database, migrate, newest
from tests.sentences import said as sentence

pytestmark = [pytest.mark.django_db, pytest.mark.long]
NOW = datetime(2026, 11, 1, tzinfo=UTC)
BEFORE = [
    ("catalog", "0004_packages_keep_their_bytes"),
    ("fleet", "0001_initial"),
    ("rollouts", "0004_release_rules_and_retention"),
]
WITH_SENTENCES = [("rollouts", "0005_sentences"), ("fleet", "0002_hosts_looked_at")]
RUNNING, INSTALLING, UPGRADING, STOPPED, INSTALL_FAILED, UPGRADE_FAILED = 0, 1, 2, 5, 11, 12


class Old:
    """Rows as they were written before."""

    def __init__(self, apps: Any, name: str) -> None:
        self._apps, self.name = apps, name
        made: dict[str, object] = {"created_at": NOW}
        self.service = self.of("catalog", "Service").create(
            name=name, language="go", updated_at=NOW, **made
        )
        self.environment = self.of("fleet", "Environment").create(
            name=f"{name}-prod",
            bake_time=timedelta(0),
            progress_deadline=timedelta(minutes=10),
            **made,
        )
        self.key = self.of("fleet", "SshKey").create(
            name=name, private_key="x", public_key="y", **made
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
            name=f"{self.name}-{host}", address="192.0.2.1", user="x",
            environment=self.environment, key=self.key, created_at=NOW,
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

    def halted(self) -> tuple[Any, Any]:
        """A rollout that went back by itself, and the lock that it left."""
        rollout = self.of("rollouts", "Rollout").create(
            kind="revert", service=self.service, environment=self.environment, automatic=True,
            batches="1", max_unavailable=1, failures_allowed=0, bake_time=timedelta(0),
            progress_deadline=timedelta(minutes=10), plan_hash="", state="halted",
            reason="1 failed", outcome="web-1 is {full}", created_at=NOW, finished_at=NOW,
        )  # fmt: skip
        lock = self.of("rollouts", "Lock").create(
            service=self.service, environment=self.environment, rollout=rollout,
            reason="it died", since=NOW,
        )  # fmt: skip
        return rollout, lock


@dataclass
class Rows:
    """By what they were, and the newest models."""

    apps: Any
    instances: dict[str, Any]
    of_billing: Old
    failed: Any
    under_way: Any
    told: tuple[Any, Any]
    schemas: tuple[set[object], set[object]]  # by the short way, and step by step


@pytest.fixture(scope="module")
def rows(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Rows]:
    """Written at the schema of before, and brought to the newest."""
    with django_db_blocker.unblock():
        short = drawn()
        with empty_database(tmp_path_factory.mktemp("before")):
            kept = _brought_here(migrate(BEFORE))
            apps = migrate(newest())
            yield Rows(apps, *kept, (short, drawn()))


def _brought_here(before: Any) -> tuple[dict[str, Any], Old, Any, Any, tuple[Any, Any]]:
    billing, shop, mail = (Old(before, name) for name in ("billing", "shop", "mail"))
    instances = {
        "well": billing.instance("web-1", RUNNING, "1.1", "1.0"),
        "failed": billing.instance("web-2", UPGRADE_FAILED, "1.1", "1.0"),
        "first": billing.instance("web-3", RUNNING, "1.0"),
        "never": billing.instance("web-4", INSTALL_FAILED, "1.2"),
        "stopped": billing.instance("web-5", STOPPED, "1.1"),
        "under way": billing.instance("web-6", UPGRADING, "1.0"),
        "begun": billing.instance("web-7", INSTALLING, "1.2"),
    }
    there = shop.instance("web-1", UPGRADING, "1.0")
    failed, under_way = shop.rollout("failed", there), shop.rollout("running", there)
    halted, lock = mail.halted()
    told = migrate(WITH_SENTENCES)
    read = (
        told.get_model("rollouts", "Rollout").objects.get(pk=halted.pk),
        told.get_model("rollouts", "Lock").objects.get(pk=lock.pk),
    )
    return instances, billing, failed, under_way, read


def test_the_short_way_leads_to_the_same_tables(rows: Rows) -> None:
    short, step_by_step = rows.schemas
    assert len(short) > 100
    assert short ^ step_by_step == set()


def test_what_was_told_before_is_still_told(rows: Rows) -> None:
    rollout, lock = rows.told
    assert rollout.outcome == sentence("web-1 is {full}")
    assert (rollout.cause, rollout.reason) == (sentence("1 failed"), "")
    assert (lock.cause, lock.reason) == (sentence("it died"), "")


def test_what_ran_well_becomes_history(rows: Rows) -> None:
    wells = rows.apps.get_model("rollouts", "WellState").objects.order_by("depth")
    said = {
        what: [
            (each.release.version.name, each.depth, each.until is None)
            for each in wells.filter(host=row.host_id).select_related("release__version")
        ]
        for what, row in rows.instances.items()
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
    old = rows.of_billing
    instances = rows.apps.get_model("fleet", "Instance").objects.select_related("release__version")
    there = instances.filter(service=old.service.pk)
    assert {(each.release.version_id, each.release.fingerprint) for each in there} == {
        (version.pk, "") for version in old.versions.values()
    }
    assert [each.host.name for each in instances if not each.up] == ["billing-web-5"]
    installations = rows.apps.get_model("rollouts", "Installation").objects.all()
    assert [len(each.name) for each in installations] == [32]


def test_rollouts_keep_their_end_under_its_new_word_and_one_under_way_its_form(rows: Rows) -> None:
    rollouts = rows.apps.get_model("rollouts", "Rollout").objects
    failed, under_way = rows.failed, rows.under_way
    assert rollouts.get(pk=failed.pk).state == "partial"
    going = rollouts.get(pk=under_way.pk)
    assert (going.state, going.format, going.plan) == ("running", 0, {"kind": "upgrade"})
    with pytest.raises(DatabaseError, match="stays as it ended"), transaction.atomic():
        rollouts.filter(pk=failed.pk).update(state="succeeded")
    rollouts.filter(pk=going.pk).update(state="cancelled", finished_at=NOW)
    rollouts.filter(pk=failed.pk).update(watching=True)
    rollouts.filter(pk=failed.pk).update(state="running", finished_at=None)
    assert rollouts.get(pk=failed.pk).state == "running"

"""What rows of before say, in the words of histories: a rollout under way keeps its own."""

from uuid import uuid4

from django.db import migrations
from django.db.models import Max
from django.utils import timezone

from slipway.records.rows.writing.triggers import (refuse)

AT_ONCE = 500
INSTALLING, STOPPED, INSTALL_FAILED = 1, 5, 11


def keep_histories(apps, editor):
    Instance, Release = apps.get_model("fleet", "Instance"), apps.get_model("catalog", "Release")
    Instance.objects.filter(status=STOPPED).update(up=False)
    now = timezone.now()
    releases = _Releases(Release, now)
    rows = Instance.objects.filter(version__isnull=False).order_by("pk")
    wells = []
    for instance in rows.iterator(AT_ONCE):
        Instance.objects.filter(pk=instance.pk).update(release=releases.of(instance.version_id))
        wells += _history(apps, instance, releases)
        if len(wells) >= AT_ONCE:
            _write(apps, wells)
    _write(apps, wells)


class _Releases:
    """Of versions in use is not known by which settings: they are run as they would be now."""

    def __init__(self, model, now):
        self._model, self._now, self._ids = model, now, {}

    def of(self, version_id):
        if version_id not in self._ids:
            row, _ = self._model.objects.get_or_create(
                version_id=version_id, fingerprint="", defaults={"made_at": self._now}
            )
            self._ids[version_id] = row.pk
        return self._ids[version_id]


def _history(apps, instance, releases):
    """`version` is what was well last, but where it never came to life."""
    versions = [instance.previous_version_id]
    if instance.status not in (INSTALLING, INSTALL_FAILED):
        versions.append(instance.version_id)
    since = [_since(apps, instance, version) for version in versions]
    entries = [(version, at) for version, at in zip(versions, since) if version is not None]
    moments = sorted(at for _, at in entries)
    WellState = apps.get_model("rollouts", "WellState")
    return [
        WellState(
            service_id=instance.service_id,
            host_id=instance.host_id,
            port=instance.port,
            release_id=releases.of(version),
            depth=depth,
            since=moments[depth],
            until=moments[depth + 1] if depth + 1 < len(entries) else None,
        )
        for depth, (version, _) in enumerate(entries)
    ]


def _since(apps, instance, version_id):
    targets = apps.get_model("rollouts", "Target").objects.filter(
        rollout__service=instance.service_id,
        host=instance.host_id,
        port=instance.port,
        to_version=version_id,
        state="succeeded",
    )
    found = targets.aggregate(last=Max("finished_at"))["last"] if version_id else None
    return found or instance.created_at


def _write(apps, wells):
    apps.get_model("rollouts", "WellState").objects.bulk_create(wells)
    wells.clear()


def name_installation(apps, editor):
    Installation = apps.get_model("rollouts", "Installation")
    Installation.objects.get_or_create(pk=1, defaults={"name": uuid4().hex})


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0005_releases_by_value"),
        ("fleet", "0004_releases_by_value"),
        ("rollouts", "0008_shown_plans"),
    ]

    operations = [
        migrations.RunPython(keep_histories, migrations.RunPython.noop),
        migrations.RunPython(name_installation, migrations.RunPython.noop),
        # One that is looked after may be taken up again: a death in its watch reopens it.
        refuse(
            "finished_rollouts_stay_finished",
            table="rollouts_rollout",
            on="UPDATE",
            message="a finished rollout stays as it ended",
            when=(
                "OLD.finished_at IS NOT NULL AND NOT OLD.watching AND (NEW.state IS NOT OLD.state"
                " OR NEW.finished_at IS NOT OLD.finished_at OR NEW.outcome IS NOT OLD.outcome)",
                "OLD.finished_at IS NOT NULL AND NOT OLD.watching"
                " AND (NEW.state IS DISTINCT FROM OLD.state"
                " OR NEW.finished_at IS DISTINCT FROM OLD.finished_at"
                " OR NEW.outcome IS DISTINCT FROM OLD.outcome)",
            ),
        ),
    ]

"""Versions that are there and rollouts driven by hand, as a worker would drive them."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from slipway.records.rollouts.steps import Intent, begin_steps

from slipway.core.kinds import RolloutKind, RolloutStatus
from slipway.core.rollout.status import TargetStatus
from slipway.core.seen import SeenInstance
from slipway.core.steps import PackageFormat, PackageRef
from slipway.ports import (
    StoredPackage,
)
from slipway.records.accounts.actors import Actor
from slipway.records.catalog import operations as catalog
from slipway.records.catalog import queries as services
from slipway.records.catalog.models import Version
from slipway.records.fleet import queries as fleet
from slipway.records.rollouts import endings, operations, progress
from slipway.records.rollouts.models import Rollout, Target
from slipway.records.rollouts.wishes import Wish
from tests.sentences import said

SYSTEM = Actor.system()


def make_version(name: str, service: str = "billing") -> Version:
    """Write a version down whose package nobody will look at."""
    number = abs(hash((service, name))) % 16**12
    ref = PackageRef(f"{number:064x}", 1000, PackageFormat.TAR_GZ, "app.tar.gz", 2000)
    stored = StoredPackage(ref, f"{number:x}", "run: ./bin/app\n")
    version, _ = catalog.take_version(
        service=services.get_service(service),
        stored=stored,
        name=name,
        by=SYSTEM,
        now=timezone.now(),
    )
    return version


def begin(
    kind: RolloutKind,
    version: str,
    *hosts: str,
    service: str = "billing",
    environment: str = "prod",
) -> Rollout:
    """Start a rollout."""
    thing = services.get_service(service)
    wish = Wish(
        kind=kind,
        service=thing,
        environment=fleet.get_environment(environment),
        version=services.get_version(thing, version),
        hosts=hosts,
        port=8080 if hosts else 0,
    )
    return operations.start_rollout(wish=wish, by=SYSTEM, now=timezone.now())


@transaction.atomic
def claimed(rollout: Rollout) -> int:
    """Begin to drive a rollout; returns its epoch."""
    return progress.claim(rollout_id=rollout.pk, driver="hand", now=timezone.now())


def drive(rollout: Rollout) -> None:
    """Bring every target to a good end and close the rollout."""
    epoch = claimed(rollout)
    for target in targets(rollout):
        succeed(rollout, epoch, target)
    close(rollout, epoch)


def targets(rollout: Rollout) -> QuerySet[Target]:
    return Target.objects.filter(rollout=rollout).select_related("to_version").order_by("id")


@transaction.atomic
def succeed(rollout: Rollout, epoch: int, target: Target) -> None:
    """Bring one target to a good end."""
    now = timezone.now()
    progress.start_targets(rollout_id=rollout.pk, epoch=epoch, target_ids=[target.pk], now=now)
    intent = Intent(target.pk, 1, (("switch", f"r{rollout.pk}-t{target.pk}", 1),))
    begin_steps(rollout_id=rollout.pk, epoch=epoch, intents=[intent], now=now)
    version = target.to_version.name if target.to_version else ""
    endings.finish_target(
        rollout_id=rollout.pk,
        epoch=epoch,
        target_id=target.pk,
        state=TargetStatus.SUCCEEDED,
        seen=SeenInstance("8080", version, "active", version, 1, epoch),
        problem=None,
        now=now,
    )


@transaction.atomic
def close(rollout: Rollout, epoch: int) -> None:
    """End the rollout well."""
    endings.close_rollout(
        rollout_id=rollout.pk,
        epoch=epoch,
        state=RolloutStatus.SUCCEEDED,
        outcome=said("All is well."),
        now=timezone.now(),
    )

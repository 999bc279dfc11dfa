"""Versions that are there and rollouts driven by hand, as a worker would drive them."""

from django.db.models import QuerySet
from django.utils import timezone

from slipway.core.release.packages import StoredPackage
from slipway.core.release.steps import PackageFormat, PackageRef
from slipway.core.words.kinds import RolloutKind
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Version
from slipway.records.catalog.operations import versions
from slipway.records.catalog.queries.services import get_service, get_version
from slipway.records.fleet import queries as fleet
from slipway.records.rollouts.models import Rollout, Target
from slipway.records.rollouts.operations import starts
from slipway.records.rollouts.wish.wishes import Wish
from tests.hand import Hand

SYSTEM = Actor.system()


def make_version(name: str, service: str = "billing") -> Version:
    """Write a version down whose package nobody will look at."""
    number = abs(hash((service, name))) % 16**12
    ref = PackageRef(f"{number:064x}", 1000, PackageFormat.TAR_GZ, "app.tar.gz", 2000)
    stored = StoredPackage(ref, f"{number:x}", "run: ./bin/app\n")
    version, _ = versions.take_version(
        service=get_service(service),
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
    thing = get_service(service)
    wish = Wish(
        kind=kind,
        service=thing,
        environment=fleet.get_environment(environment),
        version=get_version(thing, version),
        hosts=hosts,
        port=8080 if hosts else 0,
    )
    return starts.start_rollout(wish=wish, by=SYSTEM, now=timezone.now())


def drive(rollout: Rollout) -> None:
    """Bring every target to a good end and close the rollout."""
    Hand(rollout).finish()


def targets(rollout: Rollout) -> QuerySet[Target]:
    return Target.objects.filter(rollout=rollout).select_related("to_version").order_by("id")

"""Puts a hostile string wherever a build server, a webhook or an admin could put one."""

from django.db import connection
from django.db.models import F
from django.utils import timezone

from slipway.core.builds.seen import Finding
from slipway.core.builds.state import SeenStatus
from slipway.core.words.instances import InstanceStatus
from slipway.core.words.kinds import RolloutStatus
from slipway.core.words.versions import VersionStatus
from slipway.records.accounts.rights import Actor
from slipway.records.builds.operations.deliveries import take_delivery
from slipway.records.catalog.models import (
    Build,
    BuildServer,
    Comparison,
    Delivery,
    Package,
    Service,
    Version,
)
from slipway.records.catalog.operations.servers import finish_server_check, request_server_check
from slipway.records.catalog.operations.services import create_service
from slipway.records.fleet.models import Environment, Instance
from slipway.records.fleet.operations.instances import lock_instance
from slipway.records.fleet.operations.windows import add_window
from slipway.records.releasing.operations.retention import request_retention_run
from slipway.records.releasing.operations.rules import set_release_rule
from slipway.records.rollouts.models import LaterClaim, Lock, Rollout
from slipway.records.rollouts.operations.steering import pause_rollout
from slipway.records.rollouts.operations.withdrawals import withdraw_version
from tests.emptying import rules_away
from tests.interfaces.web import fleet
from tests.interfaces.web.building import COMMIT, BuildDrive, build_with_gitlab, make_build
from tests.interfaces.web.conftest import V1, V2
from tests.sentences import said

V1_COMMIT = "1a2b3c4d"


def plant_builds(text: str) -> list[str]:
    """Let shop have builds full of the string; returns the pages that show it."""
    build_with_gitlab("shop")
    made = make_build("shop")
    failed, under_way = (_build(text, commit) for commit in ("f" * 40, "e" * 40))
    failed.fail(text, hint=text)
    # Rows as an attacker with the database, or an older version of us, might leave them.
    Build.objects.update(project=text, external_id=F("id"), variables={text: text})
    Build.objects.filter(pk=under_way.build_id).update(
        says=said(text), problem=said(text), external_id=text
    )
    _package(text)
    check = _check(text)
    _tell_and_compare(text)
    compare = f"/services/shop/compare?base={V1}&head="
    return [
        "/builds",
        "/build-servers",
        "/build-servers/gitlab-main",
        f"/build-servers/-/checks/{check}",
        "/packages",
        "/services/shop/versions/odd",
        "/services/shop/build",
        "/services/shop/building",
        made.page,
        failed.page,
        under_way.page,
        f"/builds/{under_way.build_id}/parts",
        f"{compare}{made.build.version.name}",
        f"{compare}{failed.build.version.name}",
    ]


def _build(text: str, commit: str) -> BuildDrive:
    """A build that runs, prints, and whose server does not answer any more."""
    drive = BuildDrive.ask("shop", ref="x")
    drive.start()
    drive.see(commit=commit, says=text)
    drive.say(f"{text}\n{text}")
    drive.trouble(hint="Look.")
    Version.objects.filter(build=drive.build_id).update(ref=text, build_url=text, description=text)
    return drive


def _package(text: str) -> None:
    now = timezone.now()
    package = Package.objects.create(
        sha256="0" * 64, size=1, format="tar.gz", filename=text, path="odd", created_at=now
    )
    Version.objects.create(
        service=Service.objects.get(name="shop"),
        name="odd",
        status=VersionStatus.SUCCESS,
        package=package,
        created_at=now,
    )


def _check(text: str) -> str:
    server, now = BuildServer.objects.get(), timezone.now()
    check = request_server_check(server=server, project=text, by=Actor.system(), now=now)
    finish_server_check(check_id=check.pk, findings=[Finding(said(text), False)], now=now)
    BuildServer.objects.update(base_url=text, username=text, proxy=text, package_bases=[text])
    return str(check.pk)


def _tell_and_compare(text: str) -> None:
    shop, now = Service.objects.get(name="shop"), timezone.now()
    take_delivery(service=shop, source="gitlab", key=text, event=text, now=now)
    Delivery.objects.update(
        ref=text, commit=text[:64], source_address=text[:64], outcome=said(text)
    )
    commit = {"id": text, "title": text, "author": text, "at": text, "url": text}
    Comparison.objects.create(
        service=shop,
        base=V1_COMMIT,
        head=COMMIT,
        requested_at=now,
        finished_at=now,
        total=1,
        commits=[commit],
        url=text,
    )
    Comparison.objects.create(
        service=shop,
        base=V1_COMMIT,
        head="f" * 40,
        requested_at=now,
        finished_at=now,
        problem=said(text),
    )
    settings = {"package": {"path": text.replace("/", "")}, "variables": {"A": text}}
    Service.objects.filter(pk=shop.pk).update(build=settings, build_project=text)


def plant_troubles(by: Actor, text: str) -> list[str]:
    """What is listed where something went wrong, or is about to go; returns the pages."""
    now = timezone.now()
    billing, prod = Service.objects.get(name="billing"), Environment.objects.get(name="prod")
    v2 = Version.objects.get(service=billing, name=V2)
    failed = fleet.run(by, "deploy", "shop", "dev", V1, hosts=("dev-1",), port=8081)
    with rules_away(connection):
        Rollout.objects.filter(pk=failed.pk).update(state=RolloutStatus.PARTIAL, outcome=said(text))
    Instance.objects.filter(service__name="shop").update(
        status=InstanceStatus.RUNNING, seen_version=text, seen_at=now
    )
    Lock.objects.create(
        service=failed.service,
        environment=failed.environment,
        rollout=failed,
        cause=said(text),
        since=now,
    )
    withdraw_version(version=v2, environment=prod, reason=text, by=by, now=now)
    add_window(
        environment=prod,
        begin="2099-01-01T00:00Z",
        until="2099-01-02T00:00Z",
        reason=text,
        by=by,
        now=now,
    )
    for name in ("3.0", "4.0"):
        fleet.make_version("billing", name)
    waiting = fleet.begin(by, "deploy", "billing", "dev", "4.0", hosts=("dev-1",), port=8082)
    pause_rollout(rollout=waiting, by=by, now=now)
    Service.objects.filter(pk=billing.pk).update(keep_versions=1)
    request_retention_run(service=billing, by=by, now=now)
    set_release_rule(service=billing, environment=prod, refs=["main"], by=by, now=now)
    late = BuildDrive.ask("shop", ref="late")
    late.start()
    late.fail(text, VersionStatus.TIMEOUT)
    BuildDrive.take(late.build).see(SeenStatus.SUCCESS)
    locked = Instance.objects.get(service__name="shop")
    lock_instance(instance=locked, reason=text, by=by, now=now)
    LaterClaim.objects.create(
        service=billing,
        host=locked.host,
        rollout=waiting,
        epoch=int(now.timestamp()) + 10**6,
        heard_at=now,
    )
    free = Instance.objects.filter(service=billing).earliest("pk")
    return [
        "/environments/prod",
        "/system",
        f"/instances/{locked.pk}",
        f"/instances/{free.pk}",
        f"/services/billing/versions/{V2}",
        f"/rollouts/{failed.pk}",
        *_what_nothing_starts(by),
    ]


def _what_nothing_starts(by: Actor) -> list[str]:
    create_service(name="odd", language="other", by=by, now=timezone.now())
    fleet.make_version("odd", "5.0", spec="")
    return ["/services/odd", "/services/odd/versions/5.0"]

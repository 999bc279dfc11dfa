"""Services are described; versions are made once and never change."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from slipway.core.words.refusal import Forbidden, Invalid, NotFound
from slipway.core.words.roles import Role
from slipway.core.words.versions import VersionStatus
from slipway.records.catalog.models import Package, Service, Version
from slipway.records.catalog.operations import services, versions
from slipway.records.catalog.operations.services import ServiceExists, ServiceInUse
from slipway.records.catalog.operations.versions import VersionExists
from slipway.records.catalog.queries.services import (
    VersionNotReady,
    get_package_ref,
    get_release_spec,
    get_service,
    get_version,
    list_services,
    list_versions,
)
from tests.records.people import NOW, alice, bob, charlie, person
from tests.records.world import SPEC, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def billing() -> Service:
    return services.create_service(name="billing", language="go", by=bob(), now=NOW)


def take(billing: Service, content: str = "one", **more: object) -> tuple[Version, bool]:
    asked: dict[str, object] = {"by": alice(), "now": NOW} | more
    spec = str(asked.pop("spec", SPEC))
    return versions.take_version(service=billing, stored=stored(content, spec), **asked)  # type: ignore[arg-type]


def test_a_service_is_there_once(billing: Service) -> None:
    with pytest.raises(ServiceExists, match="billing"):
        services.create_service(name="billing", by=bob(), now=NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Billing"},
        {"name": "-x"},
        {"name": "a" * 65},
        {"name": ""},
        {"language": "cobol"},
        {"build_origin": "abacus"},
        {"build_url": "javascript:alert(1)"},
        {"build_url": "http://"},
        {"build_url": "https://example.com/" + "x" * 1024},
        {"labels": {"": "x"}},
        {"labels": ["x"]},
        {"description": "a\0b"},
        {"spec": {"runn": "./x"}},
        {"spec": ["run"]},
        {"colour": "red"},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, object]) -> None:
    asked: dict[str, object] = {"name": "shop"} | wrong
    with pytest.raises(Invalid):
        services.create_service(by=bob(), now=NOW, **asked)  # type: ignore[arg-type]
    assert not Service.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"name": "Not Plain"}, {"language": "cobol"}, {"build_origin": "abacus"}],
)
def test_the_database_refuses_it_too(wrong: dict[str, str]) -> None:
    row = {"name": "shop", "created_at": NOW, "updated_at": NOW} | wrong
    with pytest.raises(IntegrityError), transaction.atomic():
        Service.objects.create(**row)


def test_only_admins_make_and_change_services(billing: Service) -> None:
    with pytest.raises(Forbidden):
        services.create_service(name="shop", by=alice(), now=NOW)
    with pytest.raises(Forbidden):
        services.change_service(service=billing, changes={"description": "x"}, by=alice(), now=NOW)


def test_a_change_is_written_down_with_what_was_before(billing: Service) -> None:
    later = NOW + timedelta(hours=1)
    services.change_service(
        service=billing, changes={"description": "invoices"}, by=bob(), now=later
    )
    billing.refresh_from_db()
    assert (billing.description, billing.updated_at) == ("invoices", later)


def test_a_service_with_a_history_is_not_forgotten(billing: Service) -> None:
    take(billing)
    with pytest.raises(ServiceInUse):
        services.delete_service(service=billing, by=bob(), now=NOW)
    fresh = services.create_service(name="shop", by=bob(), now=NOW)
    services.delete_service(service=fresh, by=bob(), now=NOW)
    assert not Service.objects.filter(name="shop").exists()


def test_people_see_their_services_only(billing: Service) -> None:
    services.create_service(name="shop", by=bob(), now=NOW)
    dora = person("dora", (Role.VIEWER, "billing", ""))
    assert [service.name for service in list_services(dora)] == ["billing"]
    assert list(list_services(charlie())) == []
    assert list_services(bob(), limit=1).total == 2
    assert [service.name for service in list_services(bob(), "SHO")] == ["shop"]
    with pytest.raises(NotFound):
        get_service("shop", dora)


@pytest.mark.parametrize("name", ["nope", "", "a\0b", "\ud800", "x" * 1000])
def test_a_service_that_is_not_there_is_said(name: str) -> None:
    with pytest.raises(NotFound):
        get_service(name)


# --- versions ------------------------------------------------------------------------------------


def test_without_a_name_one_is_made_of_time_ref_and_commit(billing: Service) -> None:
    version, made = take(billing, ref="feature/$(touch x)", commit="1a2b3c4d5e")
    assert made
    assert version.name == "20261123T101502-feature-touch-x-1a2b3c4"
    assert version.ref == "feature/$(touch x)"


def test_no_branch_is_made_up_where_none_was_said(billing: Service) -> None:
    version = take(billing)[0]
    assert (version.name, version.ref) == ("20261123T101502-billing", "")


def test_two_made_in_one_second_get_two_names(billing: Service) -> None:
    first, _ = take(billing, "one")
    second, _ = take(billing, "two")
    assert second.name == f"{first.name}-2"


def test_the_same_bytes_under_the_same_name_are_the_same_version(billing: Service) -> None:
    first, made = take(billing, name="1.0")
    again, made_again = take(billing, name="1.0")
    assert (made, made_again) == (True, False)
    assert again == first
    assert Package.objects.count() == 1


def test_other_bytes_under_the_same_name_are_refused(billing: Service) -> None:
    take(billing, "one", name="1.0")
    with pytest.raises(VersionExists, match=r"billing has a version 1\.0"):
        take(billing, "two", name="1.0")
    assert Version.objects.count() == 1
    assert Package.objects.count() == 1


@pytest.mark.parametrize("name", ["latest", "..", ".", "a/b", "-x", "a b", "$(id)", "é", "x" * 129])
def test_names_that_could_be_a_path_or_a_command_are_refused(billing: Service, name: str) -> None:
    with pytest.raises(Invalid):
        take(billing, name=name)


@pytest.mark.parametrize(
    "wrong",
    [
        {"spec": "run: [unclosed"},
        {"spec": "runn: ./x"},
        {"ref": "a\0b"},
        {"ref": "x" * 256},
        {"commit": "x" * 65},
        {"description": "\ud800"},
    ],
)
def test_a_version_that_could_never_be_released_is_not_made(
    billing: Service, wrong: dict[str, object]
) -> None:
    with pytest.raises(Invalid):
        take(billing, "one", **wrong)
    assert not Version.objects.exists()
    assert not Package.objects.exists()


def test_a_made_version_never_changes(billing: Service) -> None:
    version, _ = take(billing, name="1.0")
    other, _ = take(billing, "two", name="1.1")
    for change in ({"name": "1.2"}, {"package": other.package}, {"status": 4}, {"ref": "x"}):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            Version.objects.filter(pk=version.pk).update(**change)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Package.objects.update(size=1)


def test_a_version_being_built_does_change(billing: Service) -> None:
    version = Version.objects.create(
        service=billing, name="1.0", status=VersionStatus.BUILDING, created_at=NOW
    )
    Version.objects.filter(pk=version.pk).update(status=VersionStatus.FAILED)
    with pytest.raises(VersionNotReady):
        get_package_ref(version)


def test_the_database_keeps_names_apart_and_success_with_a_package(billing: Service) -> None:
    version, _ = take(billing, name="1.0")
    row = {"service": billing, "created_at": NOW, "package": version.package}
    for wrong in ({"name": "1.0", "status": 2}, {"name": "2", "status": 9}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Version.objects.create(**row, **wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.create(service=billing, name="3", status=2, created_at=NOW)
    for broken in ({"sha256": "x" * 64, "size": 1}, {"sha256": "a" * 64, "size": -1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Package.objects.create(format="tar", filename="x", path="x", created_at=NOW, **broken)


def test_latest_is_the_newest_that_can_be_released(billing: Service) -> None:
    with pytest.raises(NotFound):
        get_version(billing, "latest")
    take(billing, "one", name="1.0", now=NOW)
    newest, _ = take(billing, "two", name="0.9", now=NOW + timedelta(seconds=1))
    Version.objects.create(
        service=billing, name="2.0", status=4, created_at=NOW + timedelta(seconds=2)
    )
    assert get_version(billing, "latest") == newest
    assert [v.name for v in list_versions(billing)] == ["2.0", "0.9", "1.0"]


def test_the_services_settings_override_the_packages(billing: Service) -> None:
    version, _ = take(billing, spec="run: ./x\nuser: app\nkeep_releases: 3\n")
    billing.spec = {"user": "billing"}
    spec = get_release_spec(billing, version)
    assert (spec.user, spec.keep_releases) == ("billing", 3)


def test_charlie_uploads_nothing(billing: Service) -> None:
    with pytest.raises(Forbidden):
        take(billing, by=charlie())

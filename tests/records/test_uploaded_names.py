"""How a package was uploaded is kept with each version, not with the bytes."""

from dataclasses import replace

import pytest

from slipway.core.release.packages import StoredPackage
from slipway.core.release.steps import PackageFormat
from slipway.records.catalog.models import Package, Service, Version
from slipway.records.catalog.operations import services, versions
from slipway.records.catalog.operations.versions import VersionExists
from slipway.records.catalog.queries.services import get_package_ref, get_version
from tests.records.people import NOW, alice, bob
from tests.records.world import stored

pytestmark = pytest.mark.django_db


def service(name: str) -> Service:
    return services.create_service(name=name, by=bob(), now=NOW)


def called(filename: str, kind: PackageFormat = PackageFormat.FILE) -> StoredPackage:
    one = stored("one", "")
    unpacked = 1000 if kind is PackageFormat.FILE else 5000
    ref = replace(one.ref, filename=filename, format=kind, unpacked_size=unpacked)
    return replace(one, ref=ref)


def take(of: Service, package: StoredPackage, name: str = "1.0") -> Version:
    version, _ = versions.take_version(service=of, stored=package, name=name, by=alice(), now=NOW)
    return get_version(of, version.name)


def test_one_program_for_two_services_is_called_as_each_uploaded_it() -> None:
    first = take(service("server"), called("server-1.0"))
    second = take(service("worker"), called("worker"))
    assert Package.objects.count() == 1
    assert get_package_ref(first).filename == "server-1.0"
    assert get_package_ref(second).filename == "worker"


def test_one_jar_is_kept_whole_and_unpacked_as_it_was_uploaded() -> None:
    whole = get_package_ref(take(service("server"), called("app.jar")))
    zipped = called("app.zip", PackageFormat.ZIP)
    unpacked = get_package_ref(take(service("worker"), zipped))
    assert (whole.format, whole.unpacked_size) == (PackageFormat.FILE, 1000)
    assert (unpacked.format, unpacked.unpacked_size) == (PackageFormat.ZIP, 5000)


def test_a_version_is_not_another_program_of_the_same_bytes() -> None:
    server = service("server")
    take(server, called("server-1.0"))
    with pytest.raises(VersionExists, match="another file"):
        take(server, called("worker"))
    with pytest.raises(VersionExists):
        take(server, called("server-1.0", PackageFormat.ZIP))


def test_an_archive_is_the_same_whatever_it_is_called() -> None:
    server = service("server")
    first = take(server, called("a.zip", PackageFormat.ZIP))
    assert take(server, called("b.zip", PackageFormat.ZIP)) == first


def test_a_version_from_before_is_as_its_package_first_came() -> None:
    server = service("server")
    kept = Version(
        service=server,
        name="0.9",
        status=2,
        package=take(server, called("server-1.0")).package,
        created_at=NOW,
    )
    kept.save(force_insert=True)
    ref = get_package_ref(get_version(server, "0.9"))
    assert (ref.filename, ref.format) == ("server-1.0", PackageFormat.FILE)
    assert ref.unpacked_size == 1000

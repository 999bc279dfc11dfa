"""A package that was taken in becomes a version."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from slipway.core.release.contents import check_contents
from slipway.core.release.packages import StoredPackage, stem_of, with_run_of_file
from slipway.core.release.steps import PackageFormat
from slipway.core.spec.parsing import merge_spec, parse_new_spec, parse_spec
from slipway.core.words.documents import load
from slipway.core.words.names import check_version_name, shown, version_name
from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.core.words.versions import VersionStatus
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record_of
from slipway.records.catalog.models import Package, Service, Version
from slipway.records.catalog.operations.releases import check_user
from slipway.records.catalog.queries.services import package_removed, uploaded_package
from slipway.records.rows.texts import checked_text
from slipway.records.rows.writing.uniqueness import refused_if_taken

NAMES_TRIED = 9


class VersionExists(Refused):
    """The name is taken by other bytes; versions never change."""

    code = "version_exists"


@transaction.atomic
def take_version(
    *,
    service: Service,
    stored: StoredPackage,
    by: Actor,
    now: datetime,
    name: str = "",
    ref: str = "",
    commit: str = "",
    description: str = "",
) -> tuple[Version, bool]:
    """Return the version of a stored package, and whether it was made just now.

    Without a name one is made of time, ref and commit, or of the file's name where nobody said
    those. The same bytes under the same name are the version that exists. Raises Invalid,
    VersionExists.
    """
    by.require(Action.UPLOAD, service=service.name)
    ref = checked_text(ref, what="ref", limit=255)  # "": nobody said it; no branch is made up
    spec = spec_brought(stored, service)
    version = Version(
        service=service,
        name=check_version_name(name) if name else "",
        ref=ref,
        commit=checked_text(commit, what="commit", limit=64),
        description=checked_text(description, what="description", limit=4000),
        status=VersionStatus.SUCCESS,
        spec=spec,
        service_spec=service.spec,
        created_at=now,
        created_by=by.user,
    )
    give_package(version, stored, now)
    names = (name,) if name else _names(now, ref, commit, stem_of(stored.ref.filename))
    existing = _save_under_first_free(version, names)
    if existing is not None:
        return existing, False
    _tell(version, stored, by=by, now=now)
    return version, True


def _save_under_first_free(version: Version, names: tuple[str, ...]) -> Version | None:
    """Save under the first name that is free, or return the version that has the same bytes."""
    for name in names:
        version.name = name
        try:
            with refused_if_taken(_exists(version)):
                version.save(force_insert=True)
        except VersionExists:
            there = Version.objects.select_related("service", "package").get(
                service=version.service, name=name
            )
            if _is_same_package(there, version):
                return there
        else:
            return None
    raise _exists(version)


def _names(now: datetime, ref: str, commit: str, stem: str) -> tuple[str, ...]:
    made = version_name(now, ref, commit, stem)
    # Two builds of one commit in one second: both are wanted, the later one gets a number.
    return (made, *(f"{made}-{number}" for number in range(2, NAMES_TRIED + 1)))


def _exists(version: Version) -> VersionExists:
    return VersionExists(
        "{service} has a version {version} already, made of other bytes or another file.",
        hint="Versions never change: upload under another name, or without one.",
        service=version.service.name,
        version=shown(version.name),
    ).at("version")


def spec_brought(stored: StoredPackage, service: Service) -> dict[str, object]:
    """Return the package's own release spec. Raises Invalid when it could never be released."""
    spec = with_run_of_file(load(stored.spec_text), stored.ref)
    check_contents(parse_new_spec(merge_spec(spec, service.spec)), stored.contents)
    check_user(service, spec)
    return spec


def give_package(version: Version, stored: StoredPackage, now: datetime) -> None:
    """Say on an unsaved version what it is made of, and how that was uploaded: the same bytes may
    be another program, or be unpacked, elsewhere."""
    ref = stored.ref
    version.package = _keep_package(stored, now)
    version.filename = checked_text(ref.filename, what="file name", limit=255)
    version.hidden_content = _content_of_shared(stored, version.service)
    version.format, version.unpacked_size = ref.format.value, ref.unpacked_size


def _content_of_shared(stored: StoredPackage, service: Service) -> dict[str, str]:
    spec = parse_spec(merge_spec(load(stored.spec_text), service.spec))
    digests = {folder: stored.contents.digest_of(folder) for folder in spec.shared}
    return {folder: digest for folder, digest in digests.items() if digest}


def _is_same_package(one: Version, other: Version) -> bool:
    mine, theirs = uploaded_package(one), uploaded_package(other)
    if mine is None or theirs is None:
        return False
    # The name of an archive is nowhere on a host.
    is_named = PackageFormat.FILE in (mine.format, theirs.format)
    same_name = not is_named or mine.filename == theirs.filename
    return (mine.sha256, mine.format) == (theirs.sha256, theirs.format) and same_name


def _keep_package(stored: StoredPackage, now: datetime) -> Package:
    """Return the row of a package that is in the store, also where its bytes had been let go."""
    ref = stored.ref
    package, _ = Package.objects.get_or_create(
        sha256=ref.sha256,
        defaults={
            "size": ref.size,
            "unpacked_size": ref.unpacked_size,
            "format": ref.format.value,
            "filename": checked_text(ref.filename, what="file name", limit=255),
            "path": stored.path,
            "created_at": now,
        },
    )
    # Held from here on: who wants to let it go waits, and then sees that it is needed again.
    package = Package.objects.select_for_update(no_key=True).get(pk=package.pk)
    if package.removed_at is not None:
        package.removed_at = None
        package.save(update_fields=["removed_at"])
    return package


def _tell(version: Version, stored: StoredPackage, *, by: Actor, now: datetime) -> None:
    record_of(
        "version.created",
        version,
        by=by,
        now=now,
        after={
            "ref": version.ref,
            "commit": version.commit,
            "sha256": stored.ref.sha256,
            "size": stored.ref.size,
        },
    )


def hold_packages(versions: Iterable[Version | None]) -> None:
    """Keep the packages of `versions` from being let go until this transaction ends: afterwards it
    is seen that they are needed. Raises VersionNotReady when one was let go before."""
    by_package = {each.package_id: each for each in versions if each and each.package_id}
    # In one order, so that two who hold several never wait for each other.
    held = Package.objects.select_for_update(no_key=True).filter(pk__in=by_package).order_by("pk")
    for package in held:
        if package.removed_at is not None:
            raise package_removed(by_package[package.pk].name, package.removed_at)

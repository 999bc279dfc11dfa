"""Releases are kept by value: the same version and settings are one release."""

from collections.abc import Mapping
from datetime import datetime

from slipway.core.release.values import fingerprint_of
from slipway.core.spec.as_json import spec_as_dict
from slipway.core.spec.parsing import merge_spec, parse_spec
from slipway.core.spec.users import check_brought_user, check_same_user
from slipway.core.spec.values import ReleaseSpec
from slipway.records.catalog.models import Release, Service, Version
from slipway.records.catalog.queries.services import get_release_spec


def draft_release(service: Service, version: Version) -> Release:
    """Return `version` as it would be run now, without writing anything: to be kept when it is
    needed. Raises Invalid where the service's settings contradict the version's."""
    spec = get_release_spec(service, version)
    sha256 = version.package.sha256 if version.package else ""
    return Release(
        version=version,
        fingerprint=fingerprint_of(version.name, sha256, spec),
        spec=spec_as_dict(spec),
    )


def check_user(
    service: Service, version_spec: Mapping[str, object], version: Version | None = None
) -> None:
    """Raise Invalid where what comes would run as root, or as another user than before, at the word
    of its package alone: who ran the newest release of the version, or else of the service, runs it
    still."""
    check_brought_user(version_spec, service.spec)
    releases = Release.objects.filter(version__service=service).order_by("-pk")
    newest = releases.filter(version=version).first() if version else None
    newest = newest or releases.first()
    if newest is not None:
        merged = parse_spec(merge_spec(version_spec, service.spec))
        check_same_user(merged, newest.spec, service.spec)


class Drafts:
    """Keeps releases that may be only drafted so far, each once."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._kept: dict[tuple[int, str], Release] = {}

    def kept(self, release: Release | None) -> Release | None:
        """Return the row of a release, made where it is new."""
        if release is None or release.pk is not None:
            return release
        key = release.version_id, release.fingerprint
        if key not in self._kept:
            self._kept[key], _ = Release.objects.get_or_create(
                version=release.version,
                fingerprint=release.fingerprint,
                defaults={"spec": release.spec, "made_at": self._now},
            )
        return self._kept[key]


def spec_of_release(release: Release) -> ReleaseSpec:
    """Return how a release is run; one from before fingerprints, as its version would be now.

    Raises Invalid where the service's settings contradict the version's.
    """
    if not release.fingerprint:
        return get_release_spec(release.version.service, release.version)
    return parse_spec(release.spec)

"""Why a version can be trusted, line by line: only what was seen here, or who else said it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from slipway.interfaces.web.frame.words import OK, WAIT
from slipway.records.accounts.rights import SYSTEM

if TYPE_CHECKING:
    from slipway.records.builds.build_facts import BuildFacts
    from slipway.records.catalog.version_facts import VersionFacts


@dataclass(frozen=True, slots=True)
class TrustLine:
    """`mark` OK: seen here; WAIT: as somebody says, or not known. `value` is copied as it is."""

    mark: str
    said: str
    more: str = ""
    value: str = ""
    url: str = ""


def trust_of(
    version: "VersionFacts", build: "BuildFacts | None", project: str, url: str
) -> list[TrustLine]:
    """Return how a version came about; none of one that was not made. `project` is as the reader
    may see it, and `url` leads to where it was built."""
    if version.package is None:
        return []
    return [_made(version, build, project, url), _commit(version, build), _bytes(version)]


def _made(version: "VersionFacts", build: "BuildFacts | None", project: str, url: str) -> TrustLine:
    if build is not None and build.server:
        number = f" #{build.external_id}" if build.external_id else ""
        said = _("Built by %(server)s, and fetched from there") % {"server": build.server}
        return TrustLine(OK, said, f"{project}{number}", url=url)
    by = {"by": version.by or SYSTEM}
    more = _("How it was built, nobody here has seen.")
    return TrustLine(WAIT, _("Uploaded by %(by)s") % by, more, url=url)


def _commit(version: "VersionFacts", build: "BuildFacts | None") -> TrustLine:
    commit = version.named.commit
    if not commit:
        return TrustLine(WAIT, _("Of which commit it is, nobody has said"))
    if build is None:
        return TrustLine(WAIT, _("Its commit, as the uploader says"), value=commit)
    more = _("ref %(ref)s") % {"ref": version.ref} if version.ref else ""
    return TrustLine(OK, _("Its commit, as the build server says"), more, commit)


def _bytes(version: "VersionFacts") -> TrustLine:
    sha256 = f"sha256 {version.package.sha256}" if version.package else ""
    if version.removed_at is not None:
        return TrustLine(WAIT, _("Its package was let go; it had this sha256"), value=sha256)
    more = _("The sha256 is compared on each host before anything is unpacked.")
    return TrustLine(OK, _("The same bytes everywhere"), more, sha256)

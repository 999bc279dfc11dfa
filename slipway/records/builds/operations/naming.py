"""What a version that is being made is called, and whether it would only be made again."""

from datetime import datetime
from itertools import chain, count

from slipway.core.builds.decide import duplicate_of
from slipway.core.words.names import version_name
from slipway.core.words.versions import VersionStatus
from slipway.records.catalog.models import Version


def find_duplicate(version: Version) -> Version | None:
    """Return the version that has the same commit already, or will have. The service is locked."""
    if not version.commit:
        return None
    # People name commits by their first digits, too.
    same = Version.objects.filter(commit__startswith=version.commit)
    others = same.filter(service_id=version.service_id)
    rows = others.exclude(pk=version.pk).order_by("id").values_list("name", "commit", "status")
    name = duplicate_of(version.commit, [(n, c, VersionStatus(s)) for n, c, s in rows])
    return others.get(name=name) if name else None


def name_version(version: Version, now: datetime) -> None:
    """Give a version that is being made the first free name for its ref and commit, and save it."""
    made = version_name(now, version.ref, version.commit)
    names = chain([made], (f"{made}-{number}" for number in count(2)))
    # The service is locked: nobody takes a name in between.
    taken = set(
        Version.objects.filter(service=version.service, name__startswith=made)
        .exclude(pk=version.pk)
        .values_list("name", flat=True)
    )
    version.name = next(name for name in names if name not in taken)
    version.save()

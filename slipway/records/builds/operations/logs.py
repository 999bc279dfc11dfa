"""How long is kept what builds have printed."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from slipway.records.catalog.models import Build, BuildLogPart

KEPT_FOR = timedelta(days=90)  # after the build's end
AT_ONCE = 200  # builds: a database that is large already must not be held for long


def forget_build_logs(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Let go of what builds printed that ended more than ninety days ago; returns of how many.

    The end of it stays with the version. No more than `limit` builds at once: called again, it goes
    on.
    """
    printed = Exists(BuildLogPart.objects.filter(build=OuterRef("pk")))
    old = Build.objects.filter(printed, finished_at__lt=now - KEPT_FOR).order_by("pk")
    builds = list(old.values_list("pk", flat=True)[:limit])
    BuildLogPart.objects.filter(build__in=builds).delete()
    return len(builds)

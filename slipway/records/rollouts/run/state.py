"""Which rollouts are to be driven, and what has changed of them."""

from collections.abc import Collection

from slipway.records.rollouts.models import TO_BE_DRIVEN, Rollout
from slipway.records.workers.models import Worker

# One that is over and still watched is driven, too: what dies now is taken back.


def list_undriven(*, worker_id: str, driving: Collection[int]) -> list[int]:
    """Return rollouts that nobody alive drives, or that this worker should and does not."""
    others = Worker.objects.living().exclude(pk=worker_id)
    return list(
        Rollout.objects.filter(TO_BE_DRIVEN)
        .exclude(pk__in=driving)
        .exclude(driver__in=others.values("pk"))
        .order_by("created_at")
        .values_list("pk", flat=True)
    )


def list_revisions(rollout_ids: Collection[int]) -> dict[int, int]:
    """Return the revision of each of these rollouts that is still to be driven."""
    rows = Rollout.objects.filter(TO_BE_DRIVEN, pk__in=rollout_ids)
    return dict(rows.values_list("pk", "rev"))

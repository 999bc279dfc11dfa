"""What hosts may forget of a rollout."""

from slipway.records.rollouts.models import Step


def list_finished_tickets(rollout_id: int) -> dict[int, tuple[str, ...]]:
    """Return, by target, the tickets whose results are written down."""
    tickets: dict[int, tuple[str, ...]] = {}
    rows = Step.objects.filter(target__rollout_id=rollout_id, finished_at__isnull=False).exclude(
        name="upload"
    )
    for target_id, ticket in rows.values_list("target_id", "ticket"):
        tickets[target_id] = (*tickets.get(target_id, ()), ticket)
    return tickets

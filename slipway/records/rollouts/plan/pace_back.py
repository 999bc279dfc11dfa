"""How fast a way back goes that a person asks for: what is ill at once, what is well in the batches
in which it was brought there."""

from collections.abc import Sequence

from django.db.models import Count

from slipway.core.rollout.plans.batches import Batches
from slipway.core.rollout.plans.outlook import in_batches
from slipway.core.words.kinds import FORTH
from slipway.records.rollouts.models import Rollout, Target
from slipway.records.rollouts.wish.gates import is_reachable
from slipway.records.rollouts.wish.selection import Candidate
from slipway.records.rollouts.wish.wishes import Wish


def brought_by(wish: Wish, targets: Sequence[Candidate]) -> Rollout | None:
    """Return the rollout that is taken back, or else the one that brought what is left to most of
    these hosts: a later one of a single host says nothing of how the others go."""
    if wish.reverts is not None:
        return wish.reverts
    left = {each.from_version.pk for each in targets if each.from_version is not None}
    rollouts = Rollout.objects.filter(
        service=wish.service, environment=wish.environment, kind__in=FORTH, version__in=left
    )
    here = Target.objects.filter(rollout__in=rollouts, host__in=[each.host.pk for each in targets])
    # Without the rows of the rollouts themselves: each has a whole plan in it.
    most = here.values("rollout").annotate(count=Count("pk")).order_by("-count", "-rollout").first()
    return Rollout.objects.get(pk=most["rollout"]) if most else None


def is_ill(candidate: Candidate) -> bool:
    """Whether it does not serve, as far as was seen: it takes nothing away to go at once."""
    return is_reachable(candidate.host) and not candidate.was_well


def numbers_of(wish: Wish, batches: str, ordered: Sequence[Candidate]) -> list[int]:
    """Return the batch of each; where nobody has said how, what is ill goes back in the first."""
    if not wish.goes_back or wish.batches:
        return in_batches(Batches.parse(batches).sizes(len(ordered)))
    ill = sum(map(is_ill, ordered))  # they come first
    well = len(ordered) - ill
    numbers = in_batches(Batches.parse(batches).sizes(well)) if well else []
    return [1] * ill + [number + (ill > 0) for number in numbers]

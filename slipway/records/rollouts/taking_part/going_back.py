"""Whether a wish to go back leads back: to what was well in the very place that is to take it."""

from collections.abc import Sequence
from dataclasses import replace

from slipway.core.rollout.value.history import Release as Value
from slipway.core.words.kinds import RolloutKind
from slipway.records.rollouts.histories.entries import Place
from slipway.records.rollouts.histories.reading import Histories, in_parts
from slipway.records.rollouts.histories.ways_back import value_of
from slipway.records.rollouts.models import WellState
from slipway.records.rollouts.wish.selection import Candidate
from slipway.records.rollouts.wish.wishes import Wish


def as_it_leads(wish: Wish, candidates: Sequence[Candidate], known: Histories) -> Wish:
    """Return the wish, marked where it leads forth though it asks to go back: then all holds for it
    that holds for an upgrade. One place that leads forth is enough."""
    if wish.kind is not RolloutKind.REVERT:
        return wish
    known = known.with_releases({each.place: value_of(each.goal) for each in candidates})
    taken_away = _taken_away(wish, [each for each in candidates if each.instance is None])
    if all(_leads_back(each, known, taken_away) for each in candidates):
        return wish
    return replace(wish, leads_forth=True)


def _leads_back(
    candidate: Candidate, known: Histories, taken_away: dict[Place, list[Value]]
) -> bool:
    wells = known.of(candidate.place)
    if candidate.goal is None:
        return not wells  # removed is what it was before, where nothing ever was well
    goal = value_of(candidate.goal)
    before = [*(well.release for well in wells), *taken_away.get(candidate.place, ())]
    return any(goal.is_like(release) for release in before)


def _taken_away(wish: Wish, gone: Sequence[Candidate]) -> dict[Place, list[Value]]:
    """Return what was well at places before they were removed: where a removal is taken back."""
    found: dict[Place, list[Value]] = {}
    for some in in_parts({each.host.pk for each in gone}):
        rows = WellState.objects.filter(
            service=wish.service, host__in=some, closed_at__isnull=False
        )
        for host, port, version, fingerprint in rows.values_list(
            "host", "port", "release__version__name", "release__fingerprint"
        ):
            found.setdefault((host, port), []).append(Value(version, fingerprint))
    return found

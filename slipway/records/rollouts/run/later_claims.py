"""What hosts know that is ahead of a claim which stands: written down, told once, and forgotten
when they answer."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from slipway.core.hosts.claims import in_the_log
from slipway.core.words.sentence import Sentence
from slipway.records.rollouts.models import Epoch, LaterClaim, LogLine
from slipway.records.rollouts.run.claims import Claim, LeaseLost, require_ours, turn
from slipway.records.rollouts.run.loading import Loaded
from slipway.records.rows.writing.many import insert_each, update_each


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a place refused us with, above our claim where it says that it is one of ours: then
    `installation` is ""."""

    place: str
    epoch: int
    installation: str
    told: Sentence


def list_places_ahead(loaded: Loaded) -> frozenset[str]:
    """Return the rollout's places that have refused a claim of ours and not answered since."""
    rows = LaterClaim.objects.filter(service=loaded.service_id, answered_at=None)
    known = set(rows.values_list("host_id", "port"))
    return frozenset(
        place
        for place, row in loaded.rows.items()
        if (row.host_id, loaded.places[place].port) in known
    )


def require_highest(held: Claim, refused: Iterable[Ahead]) -> None:
    """Raises LeaseLost where the claim stands no more, and where a person has raised ours above
    what these know: then it is to be claimed anew, once for each time that they were raised."""
    require_ours(held)
    raised = Epoch.objects.values_list("raised", flat=True).filter(pk=1).first() or 0
    if any(each.epoch <= raised for each in refused if not each.installation):
        raise LeaseLost("Rollout {number} is to be claimed anew.", number=held.rollout)


@transaction.atomic
def keep_refusals(held: Claim, loaded: Loaded, refused: Sequence[Ahead], now: datetime) -> None:
    """Write down what places know, and tell it once for each host. Raises LeaseLost."""
    rev = turn(held)
    own = LaterClaim.objects.filter(rollout=held.rollout)
    told = {(host, bool(theirs)) for host, theirs in own.values_list("host_id", "installation")}
    lines = []
    for each in sorted(refused, key=lambda each: each.place):
        row = loaded.rows[each.place]
        of_host = (row.host_id, bool(each.installation))
        if of_host in told:
            continue
        told.add(of_host)
        lines.append(
            LogLine(
                rollout_id=held.rollout,
                target_id=row.id,
                level="warning",
                sentence=in_the_log(each.told),
                at=now,
                rev=rev,
            )
        )
    rows = [_row(held, loaded, each, now) for each in refused]
    insert_each(rows, unless_there=True)
    update_each(LaterClaim, [(_place(row), _what(row)) for row in rows])
    insert_each(lines)


def note_answers(held: Claim, loaded: Loaded, places: Collection[str], now: datetime) -> None:
    """They take claims of ours again. Raises LeaseLost."""
    require_ours(held)
    rows = [_at(loaded, place) for place in sorted(places)]
    update_each(LaterClaim, [({**row, "answered_at": None}, {"answered_at": now}) for row in rows])


def _row(held: Claim, loaded: Loaded, ahead: Ahead, now: datetime) -> LaterClaim:
    return LaterClaim(
        **_at(loaded, ahead.place),
        rollout_id=held.rollout,
        epoch=ahead.epoch,
        installation=ahead.installation,
        heard_at=now,
    )


def _at(loaded: Loaded, place: str) -> dict[str, int]:
    return {
        "service_id": loaded.service_id,
        "host_id": loaded.rows[place].host_id,
        "port": loaded.places[place].port,
    }


def _place(row: LaterClaim) -> dict[str, object]:
    return {name: getattr(row, name) for name in ("service_id", "host_id", "port")}


def _what(row: LaterClaim) -> dict[str, object]:
    names = ("rollout_id", "epoch", "installation", "heard_at", "answered_at")
    return {name: getattr(row, name) for name in names}

"""What is said of what was seen long ago: not that it is so, but that it is asked."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from slipway.core.words.moments import NEVER, moment_said
from slipway.core.words.names import place_name
from slipway.core.words.sentence import Sentence
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.wish.gates import is_reachable, unreachable
from slipway.records.rollouts.wish.refusals import SeenLongAgo
from slipway.records.rollouts.wish.selection import Selection, listed
from slipway.records.rollouts.wish.wishes import Wish

SEEN_FOR = timedelta(minutes=3)  # three looks: of what was seen before is not said that it is so


def is_old(instance: Instance, now: datetime) -> bool:
    """Whether what is known of it was seen too long ago to say that it is so."""
    return instance.seen_at is None or now - instance.seen_at > SEEN_FOR


def to_be_asked(
    instances: Iterable[Instance], now: datetime, wish: Wish, selection: Selection
) -> list[Instance]:
    """Return those of which is not known any more what was seen. Nobody can be asked on a host that
    cannot be reached: it is mentioned, unless such hosts are to be skipped."""
    old = [each for each in instances if is_old(each, now)]
    hosts = {each.host.pk: each.host for each in old if not is_reachable(each.host)}
    if not wish.skip_unreachable:
        for host in hosts.values():
            selection.mention(unreachable(host))
    return [each for each in old if is_reachable(each.host)]


def seen_long_ago(instances: Sequence[Instance]) -> SeenLongAgo:
    """Return what warns that all is as it was asked for, by what was seen then."""
    return SeenLongAgo(
        "All is as asked for, as far as was seen; last seen {since}: {places}.",
        hint="A start asks: what is as it should be is not touched.",
        places=_places(instances),
        since=_since(instances),
    )


def there_long_ago(instances: Sequence[Instance]) -> SeenLongAgo:
    """Return the same of a deploy, which begins only where nothing is."""
    return SeenLongAgo(
        "It is there already, as far as was seen; last seen {since}: {places}.",
        hint="Upgrade it: a start asks, and what is as it should be is not touched.",
        places=_places(instances),
        since=_since(instances),
    )


def _places(instances: Sequence[Instance]) -> str | Sentence:
    return listed([place_name(each.host.name, each.port) for each in instances])


def _since(instances: Sequence[Instance]) -> str | Sentence:
    known = [each.seen_at for each in instances if each.seen_at is not None]
    return moment_said(min(known)) if len(known) == len(instances) else NEVER

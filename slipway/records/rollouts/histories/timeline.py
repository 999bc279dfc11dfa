"""Who did what when with a rollout: what people and the system did, without what hosts did."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from slipway.core.words.sentence import Sentence
from slipway.records.audit.queries import events_of
from slipway.records.rollouts.models import LogLine, Rollout

_MOST = 500  # of each source: a rollout has some dozens
_BY_PEOPLE = ("rollout.", "with_reason")  # such lines say what an event says, too


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that was done. `verb` is that of the audit, "" where only the story tells it by
    `said`; `by` is "" where it happened by itself. `why` is a person's own words, or ours."""

    at: datetime
    by: str = ""
    verb: str = ""
    said: Sentence | None = None
    why: Sentence | str = ""
    level: str = "info"


@dataclass(frozen=True, slots=True)
class Timeline:
    """From the first on; `is_cut`: there was more before."""

    moments: tuple[Moment, ...]
    is_cut: bool = False


def timeline_of(rollout: Rollout) -> Timeline:
    """Return what was done: started, held, decided, taken over, ended. Two queries."""
    events, story = list(_events(rollout)), list(_story(rollout))
    is_cut = len(events) > _MOST or len(story) > _MOST
    # The newest were read first; what is of the same moment stays in its order.
    told = sorted((*story[_MOST - 1 :: -1], *events[_MOST - 1 :: -1]), key=lambda moment: moment.at)
    return Timeline(tuple(told), is_cut)


def _events(rollout: Rollout) -> Iterator[Moment]:
    for event in events_of("rollout", rollout.pk, limit=_MOST + 1):
        why = event.cause or event.reason
        yield Moment(event.at, by=event.by_name, verb=event.verb, why=why)


def _story(rollout: Rollout) -> Iterator[Moment]:
    lines = LogLine.objects.filter(rollout=rollout, target=None, sentence__isnull=False)
    for line in lines.order_by("-rev", "-id")[: _MOST + 1]:
        if line.sentence and not line.sentence.code.startswith(_BY_PEOPLE):
            yield Moment(line.at, said=line.sentence, level=line.level)

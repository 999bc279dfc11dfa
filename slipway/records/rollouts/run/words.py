"""What people said to a rollout since its driver last listened."""

from slipway.core.rollout.value.events import Wished
from slipway.core.rollout.value.questions import Answer
from slipway.core.rollout.value.words import Word
from slipway.records.rollouts.models import PersonsWord


def later_words(rollout_id: int, heard: int) -> list[tuple[int, Wished]]:
    """Return (id, what was said) of everything behind the word `heard`, in its order."""
    rows = PersonsWord.objects.filter(rollout_id=rollout_id, pk__gt=heard).order_by("pk")
    return [
        (
            row.pk,
            Wished(
                Word(row.word),
                place=row.place,
                answer=Answer(row.answer) if row.answer else None,
                upto=row.upto,
            ),
        )
        for row in rows
    ]

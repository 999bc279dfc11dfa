"""What may happen to a rollout: six events are enough."""

from dataclasses import dataclass

from slipway.core.rollout.value.looks import Look
from slipway.core.rollout.value.questions import Answer
from slipway.core.rollout.value.words import Cause, Word
from slipway.core.words.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Drove:
    """Time passed, in seconds, in which we held the claim and could ask."""

    seconds: float


@dataclass(frozen=True, slots=True)
class TookUp:
    """A driver took it up, or comes out of a gap: what was seen before counts no more."""


@dataclass(frozen=True, slots=True)
class Wished:
    """A person's word. `place` belongs to `gone`, `answer` to an answer, `upto` to a promotion: how
    many batches may have passed."""

    word: Word
    place: str = ""
    answer: Answer | None = None
    upto: int = 0


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why a place may not be taken now. One that holds is asked again; any other leaves it out."""

    problem: Sentence
    holds: bool = False


@dataclass(frozen=True, slots=True)
class Cleared:
    """The rows were asked at a place's turn; None is yes."""

    place: str
    hindrance: Hindrance | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A host answered about a place. `asked_at`: when, in driven time, it was asked."""

    place: str
    look: Look
    asked_at: float


@dataclass(frozen=True, slots=True)
class Lost:
    """A question or a chain had no answer: nothing is known of what it did. `cause`: whose fault
    that is; what is no answer is the host's."""

    place: str
    why: Sentence
    cause: Cause = Cause.WEATHER


Event = Drove | TookUp | Wished | Cleared | Answered | Lost

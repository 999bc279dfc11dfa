"""What Slipway asks a person, and what may be answered."""

from dataclasses import dataclass
from enum import StrEnum

from slipway.core.words.sentence import Sentence


class Asks(StrEnum):
    """The codes of questions."""

    CONTROL_IS_ILL = "control_is_ill"
    NO_ROOM = "no_room"
    NONE_SERVES = "none_serves"
    SEVERAL_LOST = "several_lost"
    ALL_ILL = "all_ill"  # neither the version nor the way back is well, and nobody was a control
    OURS = "ours"


class Answer(StrEnum):
    """What a person may answer."""

    GO_ON = "go-on"
    CANCEL = "cancel"
    WITHOUT = "without"  # go on, and leave the places out that it is about


ANSWERS: dict[Asks, tuple[Answer, ...]] = {
    Asks.CONTROL_IS_ILL: (Answer.GO_ON, Answer.CANCEL),
    Asks.NO_ROOM: (Answer.GO_ON, Answer.WITHOUT, Answer.CANCEL),
    Asks.NONE_SERVES: (Answer.GO_ON, Answer.CANCEL),
    Asks.SEVERAL_LOST: (Answer.GO_ON, Answer.CANCEL),
    Asks.ALL_ILL: (Answer.GO_ON, Answer.CANCEL),
    Asks.OURS: (Answer.GO_ON, Answer.CANCEL),
}


@dataclass(frozen=True, slots=True)
class Question:
    """`places` are those it is about. Unanswered it stays: nothing that goes forth is begun, and
    what is ill goes back except where it is about just that. It is withdrawn when its reason is
    gone."""

    code: Asks
    sentence: Sentence
    places: tuple[str, ...] = ()
    since: float = 0.0

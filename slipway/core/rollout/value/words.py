"""The words in which a rollout is decided: causes, headings, stages, ends."""

from enum import StrEnum


class Cause(StrEnum):
    """Whose fault the end of a target is; it decides what follows."""

    VERSION = "version"
    HOST = "host"
    WEATHER = "weather"
    OURS = "ours"
    PERSON = "person"


class Heading(StrEnum):
    """Forth is towards what the rollout wants, back towards what was before."""

    FORTH = "forth"
    BACK = "back"


class Stage(StrEnum):
    """How far a target has come on its heading."""

    DUE = "due"
    ASKED = "asked"  # its turn has come: the rows and the host are asked
    IN_HAND = "in hand"  # from here on something may be happening on the host
    SUSPECT = "suspect"  # it failed, and nobody has said yet whose fault it is
    WELL = "well"
    OUT = "out"

    @property
    def is_open(self) -> bool:
        return self not in (Stage.WELL, Stage.OUT)


class End(StrEnum):
    """How a rollout has ended, in one word."""

    SUCCEEDED = "succeeded"
    PARTIAL = "partial"  # some left out, not known, or not seen since
    HALTED = "halted"
    TAKEN_BACK = "halted and taken back"
    NOT_ALL_BACK = "halted, some not taken back"
    CANCELLED = "cancelled"


class Word(StrEnum):
    """What people say to a rollout under way."""

    PAUSE = "pause"
    RESUME = "resume"
    PROMOTE = "promote"
    CANCEL = "cancel"
    GONE = "gone"  # of a place of which nothing is known: it is gone
    ANSWER = "answer"  # to the question that is asked


class Way(StrEnum):
    """Which chain brings a target about."""

    BRING = "bring"  # the release is switched to, started and proven
    FINISH = "finish"  # it runs well already: only what is owed
    REST = "rest"  # switched to and kept down: stopped on purpose stays stopped
    STOP = "stop"
    REMOVE = "remove"

"""How often a command asks again, and how long it goes on where a server does not answer."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from slipway_cli.errors import Failed, NoAnswer
from slipway_cli.language import _

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pauses:
    """All in seconds. `repeats` come before each repeat of a request. What ends soon (a check, a
    comparison) is looked at every `between`, for `most`; what is followed, every `followed`. Where
    a server does not answer, it is asked after `first`, later after `longest`, and no more after
    `give_up`; the names that a shell completes, only for `names`."""

    repeats: tuple[float, ...] = (0.2, 0.6, 1.5)
    between: float = 0.3
    most: float = 180.0
    followed: float = 1.0
    first: float = 0.2
    longest: float = 5.0
    give_up: float = 300.0
    names: float = 1.5


PAUSES = Pauses()


class ServerPatience:
    """`what` is being followed, as a sentence begins; `again` is the command to follow it again."""

    def __init__(self, what: str, again: str, say: Say, pauses: Pauses) -> None:
        self._what = what
        self._again = again
        self._say = say
        self._pauses = pauses
        self._heard_at = time.monotonic()
        self._pause = pauses.first

    def heard(self) -> None:
        """The server has answered."""
        self._heard_at = time.monotonic()
        self._pause = self._pauses.first

    def wait(self, error: Failed) -> None:
        """Wait before asking again. Raises Failed after five minutes, and for what stays."""
        passing = error.passing if isinstance(error, NoAnswer) else error.status >= 500
        if not passing or time.monotonic() - self._heard_at > self._pauses.give_up:
            raise Failed(
                _("{what} can no longer be watched: {why}", what=self._what, why=error.message),
                hint=_("It goes on. Watch again: {command}", command=self._again),
            ) from error
        if self._pause == self._pauses.first:
            self._say(_("The server does not answer; asking again for up to five minutes."))
        time.sleep(self._pause)
        self._pause = min(self._pause * 2, self._pauses.longest)

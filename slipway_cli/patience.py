"""How long a command that follows something goes on asking a server that does not answer."""

import time
from collections.abc import Callable

from slipway_cli.errors import Failed, NoAnswer
from slipway_cli.language import _

GIVE_UP_SECONDS = 300.0
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0

Say = Callable[[str], None]


class ServerPatience:
    """`what` is being followed, as a sentence begins; `again` is the command to follow it again."""

    def __init__(self, what: str, again: str, say: Say) -> None:
        self._what = what
        self._again = again
        self._say = say
        self._heard_at = time.monotonic()
        self._pause = FIRST_PAUSE

    def heard(self) -> None:
        """The server has answered."""
        self._heard_at = time.monotonic()
        self._pause = FIRST_PAUSE

    def wait(self, error: Failed) -> None:
        """Wait before asking again. Raises Failed after five minutes, and for what stays."""
        passing = error.passing if isinstance(error, NoAnswer) else error.status >= 500
        if not passing or time.monotonic() - self._heard_at > GIVE_UP_SECONDS:
            raise Failed(
                _("{what} can no longer be watched: {why}", what=self._what, why=error.message),
                hint=_("It goes on. Watch again: {command}", command=self._again),
            ) from error
        if self._pause == FIRST_PAUSE:
            self._say(_("The server does not answer; asking again for up to five minutes."))
        time.sleep(self._pause)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

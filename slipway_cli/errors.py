"""Why a command ends early: a sentence, what to do next, and the exit code."""

from typing import ClassVar


class Ended(Exception):
    """The command cannot go on; `message` and `hint` are for the person at the terminal.

    `status` is the HTTP status of the answer, 0 where there was none.
    """

    exit_code: ClassVar[int] = 1
    code = "failed"

    def __init__(self, message: str, *, hint: str = "", code: str = "", status: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.code
        self.status = status


class Failed(Ended):
    """It was tried and did not work."""


class NoAnswer(Failed):
    """No answer from the server.

    `sent`: the request may have reached it. `passing`: asking again in a moment may help.
    """

    code = "unreachable"

    def __init__(
        self, message: str, *, hint: str = "", sent: bool = True, passing: bool = True
    ) -> None:
        super().__init__(message, hint=hint)
        self.sent = sent
        self.passing = passing


class Refused(Ended):
    """The server, or the command itself, says no: nothing was changed."""

    exit_code = 2
    code = "refused"


class Usage(Refused):
    """The command cannot be meant as it was written."""

    code = "usage"


class NobodyAnswers(Ended):
    """It waits for a person's answer, and nobody is here who could give one."""

    exit_code = 3
    code = "asked"


class Interrupted(Ended):
    """The person pressed Ctrl-C while the command only watched."""

    exit_code = 130
    code = "interrupted"


class AlreadyPrinted(Ended):
    """The answer is printed already; only the exit code is left to give."""

    def __init__(self) -> None:
        super().__init__("")

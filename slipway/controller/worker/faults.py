"""What an error is called where people read it; a fault of ours is wholly in the log."""

import structlog

from slipway.core.words.refusal import Refused

log = structlog.get_logger()


def as_refusal(error: Exception, event: str, **about: object) -> Refused:
    """Return what is shown of an error; a fault of ours, no refusal, is logged as `event`."""
    if isinstance(error, Refused):
        return error
    log.error(event, exc_info=error, **about)
    return Refused("Slipway itself failed at this.", hint="Read the worker's log.")

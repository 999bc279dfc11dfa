"""Says in our words what went wrong on the way to a build server, and whether it may have heard."""

import socket
import ssl

import httpcore

from slipway.adapters.egress.boundary import Destination, for_people
from slipway.core.words.sentence import Sentence
from slipway.ports.builds import ServerTrouble

_UNKNOWN_NAME = Sentence.of("unknown_name", "no one knows its name")
_REFUSES = Sentence.of("refuses", "it refuses connections")
_SILENT = Sentence.of("silent", "it does not answer")


class Unreachable(ServerTrouble):
    """No request was sent: no address, no connection, no trust."""


class Unanswered(ServerTrouble):
    """A request was sent and no whole answer came: what it asks for may have been done."""


def unreachable(server: str, destination: Destination, error: Exception) -> Unreachable:
    reason, advice = _reason(error)
    return Unreachable(
        "{server} ({url}) cannot be reached: {reason}.",
        hint=advice,
        server=server,
        url=f"{destination.scheme}://{destination.authority}",
        reason=reason,
    )


def _reason(error: Exception) -> tuple[Sentence | str, str]:
    # httpcore wraps what the socket raised, and forgets where it came from.
    cause = error.args[0] if error.args and isinstance(error.args[0], Exception) else error
    match cause:
        case ssl.SSLCertVerificationError():
            return (
                Sentence.of(
                    "not_trusted",
                    "its certificate is not trusted ({words})",
                    words=cause.verify_message,
                ),
                "Give the certificate of your authority in the settings of {server}, or put a "
                "valid one on it.",
            )
        case ssl.SSLError():
            words = cause.reason or str(cause)
            no_tls = Sentence.of("no_tls", "no TLS connection ({words})", words=words)
            return no_tls, "Is it https there, on this port?"
        case socket.gaierror():
            return _UNKNOWN_NAME, "Correct the address of {server}, or the name server."
        case ConnectionRefusedError():
            return _REFUSES, "Is {server} running, on this port?"
        case TimeoutError():
            return _SILENT, "Is {server} on, and does the network let us through?"
    words = str(error).rstrip(".") or type(error).__name__
    return words, "Is {server} on, and does the network (or the proxy) let us through?"


def unanswered(server: str, destination: Destination, error: Exception) -> Unanswered:
    late = isinstance(error, httpcore.TimeoutException)
    reason = str(error).rstrip(".") or type(error).__name__
    return Unanswered(
        "{server} did not answer in time." if late else "{server} broke off its answer: {reason}.",
        hint="It is asked again. If it stays so, look at {server} ({url}).",
        server=server,
        url=for_people(destination.url),
        reason=reason,
    )

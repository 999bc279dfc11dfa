"""Says what went wrong with a host in our words: which host, what it means, what to do next."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import asyncssh

from slipway.core.refusal import Refused
from slipway.core.sentence import Sentence
from slipway.ports import (
    HostAccess,
    HostDenied,
    HostIncapable,
    HostKeyChanged,
    HostKeyUnknown,
    HostUnreachable,
)


@contextmanager
def in_our_words(access: HostAccess) -> Iterator[None]:
    """Raise AsyncSSH's and the socket's errors as HostUnreachable, HostKeyChanged, HostDenied."""
    try:
        yield
    except (asyncssh.Error, OSError, EOFError) as error:
        raise translated(access, error) from error


def translated(access: HostAccess, error: Exception) -> Refused:
    match error:
        case asyncssh.HostKeyNotVerifiable():
            return key_changed(access)
        case asyncssh.KeyExchangeFailed() if "host key" in str(error):
            # It has no key of the learnt kind any more.
            return key_changed(access)
        case asyncssh.PermissionDenied():
            return HostDenied(
                "{host} does not let {user} in with our key.",
                hint="Add our public key to ~{user}/.ssh/authorized_keys on {address}.",
                host=access.name,
                user=access.user,
                address=access.address,
            )
        case TimeoutError() | OSError(errno=errno.EHOSTUNREACH | errno.ENETUNREACH):
            return _unreachable(
                access, "does not answer", "Is it on, and does the network let us through?"
            )
        case ConnectionRefusedError():
            return _unreachable(
                access, "refuses SSH connections", "Does sshd run there, on this port?"
            )
        case socket.gaierror():
            return _unreachable(access, "has an address that no one knows", "Correct its address.")
        case _:
            return _unreachable(
                access,
                "was lost ({error})",
                "What was asked may still be going on there.",
                error=str(error) or type(error).__name__,
            )


def lost(access: HostAccess) -> HostUnreachable:
    return _unreachable(
        access, "was lost before it answered", "What was asked may still be going on there."
    )


def _unreachable(access: HostAccess, what: str, hint: str, **values: object) -> HostUnreachable:
    return HostUnreachable(
        "{host} ({address} port {port}) {what}.",
        hint="{advice} Then: slipway host check {host}.",
        host=access.name,
        address=access.address,
        port=access.port,
        what=Sentence.of("unreached", what, hint="", **values),
        advice=Sentence.of("unreached_advice", hint),
    )


def key_changed(access: HostAccess) -> HostKeyChanged:
    return HostKeyChanged(
        "{host} ({address}) shows another host key than the one we learnt: nothing was sent to it.",
        hint="If the host was set up anew, compare its fingerprint and learn the new key on "
        "purpose; if not, someone may be in between.",
        host=access.name,
        address=access.address,
    )


def key_unknown(access: HostAccess) -> HostKeyUnknown:
    return HostKeyUnknown(
        "The host key of {host} was never learnt.",
        hint="Learn it on purpose: slipway host add … --accept-key.",
        host=access.name,
    )


def bad_private_key(access: HostAccess) -> HostDenied:
    return HostDenied(
        "The private key for {host} cannot be read.",
        hint="Give the host a key in OpenSSH or PEM form, without passphrase.",
        host=access.name,
    )


def incapable(access: HostAccess, sentence: str) -> HostIncapable:
    return HostIncapable(
        "{host}: {sentence}.",
        hint="Put it right on {host}, then: slipway host check {host}.",
        host=access.name,
        sentence=sentence.rstrip("."),
    )

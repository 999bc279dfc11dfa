"""Says what went wrong with a host in our words: which host, what it means, what to do next."""

import errno
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import asyncssh
import structlog

from slipway.adapters.ssh.answers.answers import Stale
from slipway.adapters.ssh.answers.bounds import Garbled, cleaned
from slipway.core.hosts.access import HostAccess
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence
from slipway.ports import (
    ForeignClaim,
    HostDenied,
    HostGarbled,
    HostIncapable,
    HostKeyChanged,
    HostKeyUnknown,
    HostUnreachable,
    OursAtFault,
    StaleClaim,
)

# What our own machine lacks says nothing about a host.
_LACKING = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.EADDRNOTAVAIL)
_NOT_LOOKED_UP = (socket.EAI_SYSTEM, socket.EAI_MEMORY)


log = structlog.get_logger()


class ShutOut(ConnectionError):
    """The connection was closed before anybody was logged in."""


# What happened, and what to look at.
_REFUSED: dict[type[Exception], tuple[str, str]] = {
    ConnectionRefusedError: ("refuses SSH connections", "Does sshd run there, on this port?"),
    ShutOut: (
        "closed the connection before anybody was logged in",
        "Has its sshd no room for more (MaxStartups), or does it shut us out for a while (fail2ban,"
        " PerSourcePenalties)? Its log says which.",
    ),
    asyncssh.ChannelOpenError: (
        "opens no further session for us",
        "All that its sshd allows for a connection are taken: raise MaxSessions in its"
        " sshd_config.",
    ),
}


@asynccontextmanager
async def at_the_door() -> AsyncIterator[None]:
    """Raise that a connection was lost as ShutOut: nothing was asked yet."""
    try:
        yield
    except (asyncssh.ConnectionLost, ConnectionResetError) as error:
        raise ShutOut(str(error)) from error


class HostSilent(HostUnreachable):
    """It is there, and what was asked is not answered: to come back to it would change nothing."""


@contextmanager
def in_our_words(access: HostAccess) -> Iterator[None]:
    """Raise AsyncSSH's and the socket's errors as HostUnreachable, HostKeyChanged, HostDenied,
    OursAtFault."""
    try:
        yield
    except (asyncssh.Error, OSError, EOFError) as error:
        raise (at_fault if _is_ours(error) else translated)(access, error) from error


@contextmanager
def ours(access: HostAccess) -> Iterator[None]:
    """Raise an error that nobody foresaw as what it is: no word about the host."""
    try:
        yield
    except Refused:
        raise
    except Exception as error:
        with suppress(Exception):  # to tell it may need what we have run out of
            log.exception("adapter_failed", host=access.name)
        raise at_fault(access, error) from error


def _is_ours(error: Exception) -> bool:
    if isinstance(error, socket.gaierror):
        return error.errno in _NOT_LOOKED_UP
    return isinstance(error, OSError) and error.errno in _LACKING


def translated(access: HostAccess, error: Exception) -> Refused:
    match error:
        case asyncssh.HostKeyNotVerifiable():
            return key_changed(access)
        case asyncssh.KeyExchangeFailed() if "host key" in str(error):
            # It has no key of the learnt kind any more, or none that proves anything.
            return (old_key if _is_old(access, error) else key_changed)(access)
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
        case ConnectionError() | asyncssh.ChannelOpenError() if type(error) in _REFUSED:
            return _unreachable(access, *_REFUSED[type(error)])
        case socket.gaierror():
            return _unreachable(access, "has an address that no one knows", "Correct its address.")
        case _:
            return _unreachable(
                access,
                "was lost ({error})",
                "What was asked may still be going on there.",
                error=_words_of(error),
            )


def lost(access: HostAccess) -> HostUnreachable:
    return _unreachable(
        access, "was lost before it answered", "What was asked may still be going on there."
    )


def silent(access: HostAccess, seconds: float) -> HostSilent:
    return HostSilent(
        "{host} ({address} port {port}) did not answer a question within {seconds} s.",
        hint="It may hang: look at its disks and its load. Then: slipway host check {host}.",
        host=access.name,
        address=access.address,
        port=access.port,
        seconds=f"{seconds:g}",
    )


def stopped(access: HostAccess, process: int) -> HostSilent:
    return HostSilent(
        "{host}: process {process}, which carries out what was asked, is stopped.",
        hint="Look at it on the host; it goes on after: kill -CONT {process}.",
        host=access.name,
        process=process,
    )


def overdue(access: HostAccess, seconds: float) -> HostSilent:
    return HostSilent(
        "{host} has said nothing for {seconds} s, longer than what was asked may take.",
        hint="It may hang: look at its disks and its load. Then: slipway host check {host}.",
        host=access.name,
        seconds=f"{seconds:g}",
    )


def at_fault(access: HostAccess, error: Exception) -> OursAtFault:
    return OursAtFault(
        "Slipway itself failed at {host}: {reason}.",
        hint="That says nothing about {host}; the worker's log says more.",
        host=access.name,
        reason=Sentence.of("system_says", "{error}", error=_words_of(error).rstrip(".")),
    )


def _words_of(error: Exception) -> str:
    return cleaned(str(error)) or type(error).__name__


def no_room(access: HostAccess, connections: int) -> OursAtFault:
    return OursAtFault(
        "No connection is left for {host}: all {connections} that our limit of open files allows"
        " are in use.",
        hint="Raise the hard limit of open files of the worker: ulimit -Hn, or LimitNOFILE=.",
        host=access.name,
        connections=connections,
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


def _is_old(access: HostAccess, error: Exception) -> bool:
    """Whether it may have the learnt key, and proves it in no way that counts."""
    offered = set(str(error).rpartition("received ")[2].split(","))
    return access.host_key.startswith("ssh-rsa ") and offered <= {"ssh-rsa", "ssh-dss"}


def old_key(access: HostAccess) -> HostDenied:
    return HostDenied(
        "{host} ({address}) proves its key by ssh-rsa with SHA-1 only, which others can forge:"
        " nothing was sent to it.",
        hint="Give its sshd an Ed25519 key there (ssh-keygen -A, then restart sshd), or OpenSSH 7.2"
        " or newer. Then: slipway host forget-key {host}, and: slipway host check {host}"
        " --accept-key",
        host=access.name,
        address=access.address,
    )


def key_changed(access: HostAccess) -> HostKeyChanged:
    return HostKeyChanged(
        "{host} ({address}) shows another host key than the one we learnt: nothing was sent to it.",
        hint="If the host was set up anew, compare its fingerprint: slipway host forget-key {host},"
        " and: slipway host check {host} --accept-key. If not, someone may be in between.",
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
        hint="`slipway doctor` says whether the key file reads it; else give the host another key.",
        host=access.name,
    )


def incapable(access: HostAccess, sentence: Sentence) -> HostIncapable:
    return HostIncapable(
        "{host}: {sentence}.",
        hint="Put it right on {host}, then: slipway host check {host}.",
        host=access.name,
        sentence=sentence,
    )


def no_shell(access: HostAccess, code: int, said: str) -> HostIncapable:
    return HostIncapable(
        "The login shell of {user} on {host} does not run what it is asked to: it ended with {code}"
        " and said: {said}.",
        hint="Give the user a shell that runs commands (as root: usermod -s /bin/sh {user}), and no"
        " ForceCommand in sshd's configuration. Then: slipway host check {host}.",
        user=access.user,
        host=access.name,
        code=code,
        said=cleaned(said).rstrip(".") or _NOTHING,
    )


_NOTHING = Sentence.of("nothing_said", "nothing")


def garbled(access: HostAccess, error: Garbled) -> HostGarbled:
    return HostGarbled(
        "{host} said something that is no answer ({what}).",
        hint="Look at what runs there as our user, and at its disk; then: slipway host check "
        "{host}.",
        host=access.name,
        what=error.said,
    )


def stale(access: HostAccess, service: str, seen: Stale) -> StaleClaim:
    if seen.installation:
        return ForeignClaim(
            "Another installation of Slipway, {installation}, takes care of {service} on {host}.",
            hint="Let only one of them release it; to take it over for good, remove "
            "{service}/*/receipts/fence below the root folder of {host}.",
            host=access.name,
            service=service,
            epoch=seen.epoch,
            sequence=seen.sequence,
            installation=seen.installation,
        )
    return StaleClaim(
        "{host} has heard something later about {service} (epoch {epoch}, {sequence}).",
        hint="Look at what runs there as our user; then: slipway host check {host}.",
        host=access.name,
        service=service,
        epoch=seen.epoch,
        sequence=seen.sequence,
    )

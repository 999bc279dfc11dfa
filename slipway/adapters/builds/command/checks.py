"""Whether builds by command can work here: the repository, the user, the folder, the room."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from slipway.adapters.builds.command.enclosure.isolation import EVERY_SERVICE, Isolation
from slipway.adapters.builds.command.places import Workshop
from slipway.adapters.builds.command.processes.users import BuildUser, ourselves
from slipway.adapters.builds.command.repository.repositories import find_commit, locate
from slipway.core.builds.orders import ServerAccess
from slipway.core.builds.seen import Finding
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence
from slipway.ports.builds import ServerRefused

GIB = 1024**3
LEAST_ROOM = 5 * GIB
_LARGE = "A build may take as much as its size_limit (4 GiB unless said otherwise)."


def findings(
    workshop: Workshop, access: ServerAccess, isolation: Isolation, project: str
) -> tuple[Finding, ...]:
    checks: list[Callable[[], Iterator[Finding]]] = [
        lambda: _check_isolation(workshop, isolation),
        lambda: _check_room(workshop.folder),
    ]
    if project:
        checks.append(lambda: _check_repository(access, project))
    return tuple(finding for check in checks for finding in _answers(check))


def _answers(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from check()
    except Refused as error:
        yield Finding(error.sentence, False)
    except OSError as error:
        yield Finding.of(
            "os_error", "{path}: {why}.", False, path=error.filename, why=error.strerror
        )


def _check_isolation(workshop: Workshop, isolation: Isolation) -> Iterator[Finding]:
    workshop.make_folder()
    if os.geteuid() == 0:
        number = isolation.numbers[0]
        check_reach(workshop.folder, BuildUser(number, number))
    if reason := isolation.why_not():
        yield _not_isolated(isolation, reason)
    elif os.geteuid() == 0:
        yield Finding.of(
            "isolated",
            "Each build is a user of its own ({first} to {last}), in namespaces of its own.",
            True,
            first=isolation.numbers.start,
            last=isolation.numbers.stop - 1,
        )
    else:
        yield Finding.of(
            "isolated_as_nobody",
            "Each build is nobody in namespaces of its own, on the machine {user} as the worker.",
            True,
            hint="A worker that is root gives each build a user of its own as well.",
            user=str(ourselves()),
        )
    yield Finding.of(
        "network_of_builds",
        "Builds have this machine's network, and reach what listens on it.",
        True,
        hint="network: none in how a service is built takes it from that service's builds.",
    )


def _not_isolated(isolation: Isolation, reason: str | Sentence) -> Finding:
    if not isolation.open_to:
        return Finding.of(
            "not_isolated",
            "Builds by command are refused here: they could not be kept apart from Slipway and "
            "from each other ({reason}).",
            False,
            hint="Run the worker as root, or let its user make namespaces. A service named in the "
            "worker's SLIPWAY_UNISOLATED_BUILDS is built all the same.",
            reason=reason,
        )
    named = "" if EVERY_SERVICE in isolation.open_to else ", ".join(sorted(isolation.open_to))
    return Finding.of(
        "unisolated",
        "Builds are not isolated here ({reason}): those of {services} see what any user of this "
        "machine sees, and all that is Slipway's where the worker is not root. Others are refused.",
        False,
        hint="Build so only what you trust like Slipway. Run the worker as root, then take them "
        "out of SLIPWAY_UNISOLATED_BUILDS.",
        reason=reason,
        services=named or Sentence.of("every_service", "every service"),
    )


def _check_room(folder: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(folder).free
    yield Finding.of(
        "room",
        "{folder} has {room} GiB free.",
        free >= LEAST_ROOM,
        hint="" if free >= LEAST_ROOM else _LARGE,
        folder=folder,
        room=f"{free / GIB:.1f}",
    )


def _check_repository(access: ServerAccess, project: str) -> Iterator[Finding]:
    repository = locate(access, project)
    commit = find_commit(repository, "HEAD")
    yield Finding.of(
        "readable",
        "{url} can be read; its HEAD is {commit}.",
        True,
        url=repository.url,
        commit=commit[:12],
    )


def check_reach(folder: Path, user: BuildUser) -> None:
    """Raise ServerRefused when the user cannot get as far as `folder`: tools that ask where they
    are would fail in odd ways."""
    if user.is_us or user.uid == 0:
        return
    for step in (folder, *folder.parents):
        status = step.stat()
        if not _may_pass(status, user):
            raise ServerRefused(
                "User {user} runs the commands of builds and cannot get into {step}.",
                hint="chmod o+x {step}, or give the worker another folder for builds.",
                user=str(user),
                step=str(step),
            )


def _may_pass(status: os.stat_result, user: BuildUser) -> bool:
    if status.st_uid == user.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == user.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)

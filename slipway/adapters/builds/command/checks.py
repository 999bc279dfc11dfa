"""Whether builds by command can work here: the repository, the user, the folder, the room."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from slipway.adapters.builds.command.places import Workshop
from slipway.adapters.builds.command.repositories import find_commit, locate
from slipway.adapters.builds.command.users import BuildUser, find_user
from slipway.core.refusal import Refused
from slipway.ports.builds import Finding, ServerAccess, ServerRefused

GIB = 1024**3
LEAST_ROOM = 5 * GIB
_LARGE = "A build may take as much as its size_limit (4 GiB unless said otherwise)."


def findings(
    workshop: Workshop, access: ServerAccess, build_user: str, project: str
) -> tuple[Finding, ...]:
    checks: list[Callable[[], Iterator[Finding]]] = [
        lambda: _check_user(workshop, build_user),
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


def _check_user(workshop: Workshop, build_user: str) -> Iterator[Finding]:
    user = find_user(build_user)
    workshop.make_folder()
    check_reach(workshop.folder, user)
    if user.uid == 0:
        yield Finding.of(
            "runs_as_root",
            "Commands run as root: whoever may change a repository may do all on this worker.",
            True,
            hint="Configure a build user for the worker.",
        )
    elif user.is_us:
        yield Finding.of(
            "runs_as_us",
            "Commands run as {user}, as Slipway itself: they can read its keys.",
            True,
            hint="Build only what you trust like Slipway, or run the worker as root: it gives"
            " commands a user of their own.",
            user=user,
        )
    else:
        yield Finding.of("runs_as", "Commands run as user {user}.", True, user=user)


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

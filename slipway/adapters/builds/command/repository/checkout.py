"""Brings one commit of a repository into a folder, for the command to build."""

import os
from collections.abc import Mapping
from pathlib import Path

from dulwich.errors import GitProtocolError, HangupException
from dulwich.index import InvalidPathError, build_index_from_tree
from dulwich.objects import Commit, ObjectID
from dulwich.refs import HEADREF, Ref
from dulwich.repo import Repo

from slipway.adapters.builds.command.processes.users import BuildUser
from slipway.adapters.builds.command.repository.repositories import Repository, find_commit
from slipway.core.words.names import shown
from slipway.ports.builds import ServerRefused, ServerTrouble


def check_out(repository: Repository, ref: str, commit: str, folder: Path, user: BuildUser) -> str:
    """Fill `folder`, which is there, empty and closed to others, and return the commit. Raises
    ServerTrouble, ServerRefused.

    The folder becomes a repository of its own, with that one commit where the server can give it
    alone, and with the address it came from, never with a credential. This function will leave
    the process as `user`: files are written, under names that others have chosen, without our
    rights. What is only read from the network, or from a folder that may be ours alone, is not.
    """
    commit = commit or find_commit(repository, ref)
    with Repo.init(folder) as target:
        _fetch(repository, commit.encode(), target)
        if not user.is_us:
            _give(folder, user)
        user.become()
        _write_tree(repository, commit, target, folder)
    return commit


def _fetch(repository: Repository, commit: bytes, target: Repo) -> None:
    wanted = ObjectID(commit)

    def only_this(refs: Mapping[Ref, ObjectID], depth: int | None = None) -> list[ObjectID]:
        return [wanted]

    def all_there_are(refs: Mapping[Ref, ObjectID], depth: int | None = None) -> list[ObjectID]:
        return list(set(refs.values()))

    try:
        with repository.client() as client:
            client.fetch(repository.path, target, determine_wants=only_this, depth=1)
    except ServerTrouble as error:
        # Not every server gives a commit that no branch ends with, or one without its history.
        if not isinstance(error.__cause__, GitProtocolError | HangupException | LookupError):
            raise
        with repository.client() as client:
            client.fetch(repository.path, target, determine_wants=all_there_are)
    if wanted not in target.object_store:
        raise _not_there(repository, commit.decode())


def _write_tree(repository: Repository, commit: str, target: Repo, folder: Path) -> None:
    found = target.object_store[ObjectID(commit.encode())]
    if not isinstance(found, Commit):
        raise _not_there(repository, commit)
    target.refs.remove_if_equals(HEADREF, None)  # on no branch: a tag, say, has none
    target.refs[HEADREF] = found.id
    config = target.get_config()
    config.set((b"remote", b"origin"), b"url", repository.url.encode())
    config.write_to_path()
    # Writes no path that leads out of the folder or into .git, and through no symbolic link.
    try:
        build_index_from_tree(str(folder), target.index_path(), target.object_store, found.tree)
    except InvalidPathError as error:
        raise ServerRefused(
            "The commit {commit} holds {path}, which is not written: it leads out of the checkout.",
            hint="Look at who made that commit: git itself makes none like it.",
            commit=commit[:12],
            path=f"“{shown(error.path.decode('utf-8', 'replace'))}”",
        ) from error


def _give(folder: Path, user: BuildUser) -> None:
    user.owns(folder)
    for path, folders, files in os.walk(folder):
        for name in (*folders, *files):
            user.owns(Path(path, name))


def _not_there(repository: Repository, commit: str) -> ServerRefused:
    return ServerRefused(
        "{url} has no commit {commit}.",
        hint="Was it pushed, and not taken back since?",
        url=repository.url,
        commit=commit[:12],
    )

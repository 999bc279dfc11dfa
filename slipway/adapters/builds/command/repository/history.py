"""What lies between two commits of a repository, told by the repository itself."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from dulwich.objects import Commit as GitCommit
from dulwich.objects import ObjectID
from dulwich.repo import Repo

from slipway.adapters.builds.command.repository.repositories import Repository, is_commit
from slipway.core.builds.seen import Commit, Comparison
from slipway.core.words.names import shown
from slipway.ports.builds import ServerRefused

TOLD = 100  # commits
COUNTED = 1000  # commits; more are not looked at


def compare(repository: Repository, base: str, head: str) -> Comparison:
    """Return the commits that `head` has and `base` has not, the newest first; of a repository
    over HTTP the last thousand are looked at. Raises ServerTrouble, ServerRefused."""
    for commit in (base, head):
        if not is_commit(commit):
            raise _unknown(repository, commit)
    with _history(repository, base, head) as history:
        for commit in (base, head):
            if ObjectID(commit.encode()) not in history.object_store:
                raise _unknown(repository, commit)
        walker = history.get_walker(
            include=[ObjectID(head.encode())], exclude=[ObjectID(base.encode())]
        )
        commits = [entry.commit for entry in itertools.islice(walker, COUNTED)]
    return Comparison(tuple(_told(commit) for commit in commits[:TOLD]), len(commits))


@contextmanager
def _history(repository: Repository, base: str, head: str) -> Iterator[Repo]:
    if repository.folder:
        # Its errors are told as those of a client are.
        with repository.client(), Repo(repository.folder) as history:
            yield history
        return
    wanted = [ObjectID(base.encode()), ObjectID(head.encode())]
    with (
        tempfile.TemporaryDirectory(prefix="slipway-history-") as folder,
        Repo.init_bare(Path(folder)) as history,
    ):
        with repository.client() as client:
            client.fetch(
                repository.path,
                history,
                determine_wants=lambda refs, depth=None: wanted,
                depth=COUNTED,
                filter_spec=b"tree:0",  # commits only, where the server can
            )
        yield history


def _told(commit: GitCommit) -> Commit:
    author = commit.author.decode("utf-8", "replace").partition(" <")[0]
    title = commit.message.decode("utf-8", "replace").strip().partition("\n")[0]
    at = datetime.fromtimestamp(min(max(commit.commit_time, 0), 2**33), UTC)
    return Commit(commit.id.decode(), shown(title, 200), shown(author, 100), at, "")


def _unknown(repository: Repository, commit: str) -> ServerRefused:
    return ServerRefused(
        "{url} does not know the commit {commit}.",
        hint="What lies between two versions can be told only where their repository has both.",
        url=repository.url,
        commit=shown(commit, 40),
    )

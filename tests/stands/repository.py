"""A git repository for tests, in a folder or behind a real HTTP server that may ask for a token."""

import base64
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

from dulwich.objects import Blob, Commit, ObjectID, ShaFile, Tree
from dulwich.refs import HEADREF, Ref
from dulwich.repo import Repo
from dulwich.server import BackendRepo, DictBackend
from dulwich.web import make_wsgi_chain

MAIN = "main"
_AT = 1_750_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a commit: a program, or a symbolic link with its goal as content."""

    content: str
    mode: int = 0o100755


def link(goal: str) -> Entry:
    return Entry(goal, 0o120000)


@dataclass(slots=True)
class StandRepository:
    folder: Path
    _commits: int = 0

    @property
    def url(self) -> str:
        return self.folder.as_uri()

    def commit(self, files: Mapping[str, str | Entry], *, ref: str = f"refs/heads/{MAIN}") -> str:
        """Add a commit with just these files to the ref; returns its id."""
        name = Ref(ref.encode())
        with Repo(self.folder) as repository:
            tree = self._tree(repository, files)
            commit = Commit()
            commit.tree = tree
            commit.parents = [repository.refs[name]] if name in repository.refs else []
            commit.author = commit.committer = b"Alice <alice@example.com>"
            commit.author_time = commit.commit_time = _AT + self._commits
            commit.author_timezone = commit.commit_timezone = 0
            commit.message = f"Change {self._commits}\n\nMore of it.\n".encode()
            repository.object_store.add_object(commit)
            repository.refs[name] = commit.id
        self._commits += 1
        return commit.id.decode()

    def _tree(self, repository: Repo, files: Mapping[str, str | Entry]) -> ObjectID:
        """A link and a folder may have one name: a tree that no git would write."""
        entries: list[tuple[bytes, int, ObjectID]] = []
        folders: dict[str, dict[str, str | Entry]] = {}
        for path, given in files.items():
            folder, slash, rest = path.partition("/")
            if slash:
                folders.setdefault(folder, {})[rest] = given
                continue
            entry = given if isinstance(given, Entry) else Entry(given)
            blob = Blob.from_string(entry.content.encode())
            repository.object_store.add_object(blob)
            entries.append((path.encode(), entry.mode, blob.id))
        for folder, inner in folders.items():
            entries.append((folder.encode(), 0o040000, self._tree(repository, inner)))
        raw = (b"%o %s\0%s" % (m, n, bytes.fromhex(i.decode())) for n, m, i in sorted(entries))
        tree = ShaFile.from_raw_string(Tree.type_num, b"".join(raw))
        repository.object_store.add_object(tree)
        return tree.id


def make_repository(folder: Path) -> StandRepository:
    """An empty bare repository in a new folder."""
    folder.mkdir(parents=True)
    with Repo.init_bare(folder, default_branch=MAIN.encode()) as repository:
        repository.refs.set_symbolic_ref(HEADREF, Ref(f"refs/heads/{MAIN}".encode()))
    return StandRepository(folder)


@dataclass(slots=True)
class GitServer:
    """Serves a repository over HTTP. `seen`: method, path and Authorization of each request."""

    base_url: str
    url: str
    token: str = ""
    moved_to: str = ""  # answers everything with a redirect to there
    seen: list[tuple[str, str, str]] = field(default_factory=list)

    def is_allowed(self, authorization: str) -> bool:
        if not self.token:
            return True
        scheme, _, pair = authorization.partition(" ")
        return scheme == "Basic" and base64.b64decode(pair).endswith(b":" + self.token.encode())


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@contextmanager
def serve(repository: StandRepository, *, token: str = "") -> Iterator[GitServer]:
    """Serve the repository as http://127.0.0.1:…/team/shop.git."""
    with Repo(repository.folder) as opened:
        backends: dict[str, BackendRepo] = {"/team/shop.git": opened}
        git = make_wsgi_chain(DictBackend(backends))

        def application(environ: WSGIEnvironment, start: StartResponse) -> Any:
            authorization = environ.get("HTTP_AUTHORIZATION", "")
            server.seen.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], authorization))
            if server.moved_to:
                goal = f"{server.moved_to}{environ['PATH_INFO']}?{environ['QUERY_STRING']}"
                start("302 Found", [("Location", goal), ("Content-Length", "0")])
                return []
            if not server.is_allowed(authorization):
                start("401 Unauthorized", [("WWW-Authenticate", "Basic"), ("Content-Length", "0")])
                return []
            return git(environ, start)

        with make_server("127.0.0.1", 0, application, handler_class=_Quiet) as http:
            base_url = f"http://127.0.0.1:{http.server_port}"
            server = GitServer(base_url, f"{base_url}/team/shop.git", token)
            thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            try:
                yield server
            finally:
                http.shutdown()
                thread.join()

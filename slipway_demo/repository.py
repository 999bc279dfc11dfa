"""The demo's repository: what a team would push for the shop, version after version."""

from dataclasses import dataclass
from pathlib import Path

from dulwich.objects import Blob, Commit, ObjectID, Tree
from dulwich.refs import HEADREF, Ref
from dulwich.repo import Repo

SOURCE = Path(__file__).parent / "shop"
SCRIPTS = ("start.sh", "stop.sh", "status.sh")
BRANCH = "main"
COMMAND = ("./build.sh",)
PACKAGE = "dist/shop.tar.gz"
FILES = ("app.py", "slipway.yaml", *SCRIPTS)
_HEAD = Ref(f"refs/heads/{BRANCH}".encode())
_AUTHOR = b"Alice <alice@example.com>"
_FIRST_AT = 1_750_000_000  # seconds; a commit an hour, so that the demo's ids are always the same

BUILD = f"""#!/bin/sh
# Makes the package of the shop, as a CI job would.
set -eu
echo "Building the shop $(cat version) from ${{SLIPWAY_REF:-a checkout}}."
mkdir -p dist
tar -cf dist/shop.tar {" ".join(FILES)} flags
gzip -n -f dist/shop.tar
echo "Made {PACKAGE}, $(wc -c <{PACKAGE}) bytes."
"""


@dataclass(frozen=True, slots=True)
class DemoRepository:
    """A bare repository in a folder. `url` is what a service's project says; builds may read it
    where the build server's address is `base_url`."""

    folder: Path

    @property
    def url(self) -> str:
        return self.folder.as_uri()

    @property
    def base_url(self) -> str:
        return self.folder.parent.as_uri()


def make_repository(folder: Path) -> DemoRepository:
    """Make an empty repository in `folder`, which is not there yet; its parents may be."""
    folder.mkdir(parents=True, mode=0o755)
    with Repo.init_bare(folder, default_branch=BRANCH.encode()):
        return DemoRepository(folder)


def commit_version(folder: Path, version: str, broken: bool = False) -> str:
    """Push the shop in this version to the branch `main`, with a tag `v<version>`; returns the
    commit. A `broken` one starts, and never gets healthy."""
    files = {name: (SOURCE / name).read_bytes() for name in FILES}
    files["build.sh"] = BUILD.encode()
    files["flags"] = b"--broken" if broken else b""
    files["version"] = version.encode() + b"\n"
    with Repo(folder) as repository:
        parents = [repository.refs[_HEAD]] if _HEAD in repository.refs else []
        commit = _commit(repository, files, f"Shop {version}", parents)
        repository.refs[_HEAD] = commit.id
        repository.refs[Ref(f"refs/tags/v{version}".encode())] = commit.id
        repository.refs.set_symbolic_ref(HEADREF, _HEAD)
    return commit.id.decode()


def _commit(
    repository: Repo, files: dict[str, bytes], title: str, parents: list[ObjectID]
) -> Commit:
    tree = Tree()
    for name, content in files.items():
        blob = Blob.from_string(content)
        repository.object_store.add_object(blob)
        tree.add(name.encode(), 0o100755 if name.endswith(".sh") else 0o100644, blob.id)
    repository.object_store.add_object(tree)
    commit = Commit()
    commit.tree = tree.id
    commit.parents = parents
    commit.author = commit.committer = _AUTHOR
    number = sum(1 for _ in repository.get_walker(parents)) if parents else 0
    commit.author_time = commit.commit_time = _FIRST_AT + 3600 * number
    commit.author_timezone = commit.commit_timezone = 0
    commit.encoding = b"UTF-8"
    commit.message = f"{title}\n".encode()
    repository.object_store.add_object(commit)
    return commit

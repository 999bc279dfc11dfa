"""Which git repositories builds by command may read: where they are, and what is in them."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from dulwich.client import GitClient, LocalGitClient
from dulwich.errors import GitProtocolError, HangupException, NotGitRepository
from dulwich.protocol import PEELED_TAG_SUFFIX

from slipway.adapters.builds.command.repository.http import HttpClient
from slipway.adapters.egress.boundary import Boundary, for_people
from slipway.adapters.egress.client import Unreadable
from slipway.core.builds.orders import ServerAccess
from slipway.core.words.names import shown
from slipway.core.words.sentence import Sentence
from slipway.ports.builds import OffLimits, ServerRefused, ServerTrouble

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_UNFIT_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^/|/$|\.$|\.lock$")
_SSH = re.compile(r"(ssh|git|git\+ssh|ssh\+git)://|[^/:@]+@[^/:]+:", re.IGNORECASE)
_UNREADABLE = (*Unreadable, GitProtocolError, HangupException)
Refs = Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository that may be read. `folder` is empty for one over HTTP. The credential in
    `access` is there only where it may go along."""

    access: ServerAccess
    url: str
    folder: str = ""

    @contextmanager
    def client(self) -> Iterator[GitClient]:
        """Raises, for all that is done with it, ServerTrouble and ServerRefused."""
        with self._told():
            if self.folder:
                yield LocalGitClient()
                return
            client = HttpClient(self.access, self.url)
            try:
                yield client
            finally:
                client.close()

    @property
    def path(self) -> bytes:
        """What the client's methods are asked with."""
        return os.fsencode(self.folder)

    def list_refs(self, *names: str) -> Refs:
        """Return those of the names that are there, and what they stand for."""
        wanted = [name.encode() for name in names]
        with self.client() as client:
            found = client.get_refs(self.path, ref_prefix=wanted).refs
        peeled = {name + PEELED_TAG_SUFFIX for name in wanted}
        return {
            name: commit
            for name, commit in found.items()
            if commit and (name in wanted or name in peeled)
        }

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except NotGitRepository as error:
            raise ServerRefused(
                "There is no git repository at {url} that we may read.",
                hint="Correct the service's project, or the credential of {server}.",
                url=self.url,
                server=self.access.name,
            ) from error
        # What dulwich raises for an answer that it cannot make sense of is as various as answers.
        except (*_UNREADABLE, OSError, LookupError, ValueError, AssertionError) as error:
            raise self._trouble(error) from error

    def _trouble(self, error: Exception) -> ServerTrouble:
        return ServerTrouble(
            "{url} could not be read: {reason}.",
            hint="It may pass; if not, look at the repository itself.",
            url=self.url,
            reason=shown(str(error).rstrip(".") or type(error).__name__, 200),
        )


def locate(access: ServerAccess, project: str) -> Repository:
    """Return the repository that `project` names, if builds may read it. Raises ServerRefused,
    OffLimits."""
    if not project or not project.isprintable() or len(project) > 1000:
        raise _refused(project, "It is no address of a git repository.")
    if _SSH.match(project):
        raise _refused(project, "Builds by command read repositories over HTTPS, not over SSH.")
    if project.startswith(("/", "file:")):
        return _local(access, project)
    if not project.startswith(("https://", "http://")):
        raise _refused(project, "It is no address of a git repository.")
    if access.base_url:
        reached = access
    elif project.startswith("https://"):
        # No address was configured: whoever names the repository must not learn a credential.
        reached = replace(access, base_url=project, username="", credential="")
    else:
        raise _refused(project, "http:// is allowed only where the build server's address says so.")
    destination = Boundary(reached).check(project.rstrip("/"))
    if not destination.with_credentials:
        reached = replace(reached, username="", credential="")
    return Repository(reached, destination.url)


def _local(access: ServerAccess, project: str) -> Repository:
    base, path = _path(access.base_url), _path(project)
    if not base:
        raise OffLimits(
            "{project} is a folder of the worker, and none is allowed for builds.",
            hint="An administrator may allow one: as the address of {server}, file:///srv/git say.",
            project=shown(project),
            server=access.name,
        )
    try:
        folder = Path(path).resolve(strict=True)
        is_inside = folder.is_relative_to(Path(base).resolve(strict=True))
    except (OSError, RuntimeError, ValueError) as error:
        raise _refused(project, "There is no such folder on this worker.") from error
    if not is_inside:
        raise OffLimits(
            "{project} is not in {base}, the folder allowed for {server}.",
            hint="Correct the service's project, or have an administrator allow that folder.",
            project=shown(project),
            base=base,
            server=access.name,
        )
    return Repository(replace(access, username="", credential=""), project, str(folder))


def _path(address: str) -> str:
    """The absolute path in `file:///srv/git` or `/srv/git`; "" where it is none."""
    if address.startswith("/"):
        return address
    parts = urlsplit(address)
    is_file = parts.scheme == "file" and parts.netloc in ("", "localhost")
    return unquote(parts.path) if is_file else ""


def _refused(project: str, reason: str) -> ServerRefused:
    return ServerRefused(
        "{why} ({project})",
        hint="Give the service's project as https://git.example.com/team/service.git.",
        why=Sentence.of("project_refused", reason),
        project=for_people(project) or "–",
    )


def is_commit(text: str) -> bool:
    return _COMMIT.fullmatch(text) is not None


def find_commit(repository: Repository, ref: str) -> str:
    """Return what a branch, a tag, HEAD or a whole commit id stands for now. Raises
    ServerRefused."""
    if is_commit(ref.lower()):
        return ref.lower()
    if not ref or len(ref) > 255 or _UNFIT_REF.search(ref):
        raise _no_ref(repository, ref, "that cannot be the name of a branch or a tag.")
    if ref == "HEAD" or ref.startswith("refs/"):
        names = [ref]
    else:
        names = [f"refs/heads/{ref}", f"refs/tags/{ref}"]
    refs = repository.list_refs(*names)
    commits = {_target(refs, name.encode()) for name in names} - {""}
    if len(commits) > 1:
        which = "Say which: {heads} or {tags}."
        raise _no_ref(repository, ref, "there is a branch and a tag of that name.", hint=which)
    if not commits:
        raise _no_ref(repository, ref, "there is no branch and no tag of that name.")
    return commits.pop()


def _target(refs: Refs, name: bytes) -> str:
    # An annotated tag is an object of its own; what it was given to comes with ^{} at its end.
    return refs.get(name + PEELED_TAG_SUFFIX, refs.get(name, b"")).decode("ascii", "replace")


def _no_ref(repository: Repository, ref: str, reason: str, hint: str = "") -> ServerRefused:
    return ServerRefused(
        "{url} has no {ref} to build: {why}",
        hint=hint or "Is it pushed? A branch, a tag, or a whole commit id can be built.",
        why=Sentence.of("no_ref", reason),
        url=repository.url,
        ref=f"“{shown(ref)}”",
        heads=f"refs/heads/{shown(ref)}",
        tags=f"refs/tags/{shown(ref)}",
    )

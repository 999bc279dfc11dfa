"""What the GitLab stand-in remembers: projects with commits and refs, pipelines with jobs."""

import hashlib
import io
import itertools
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

DEVELOPER, MAINTAINER = 30, 40


def now() -> datetime:
    return datetime.now(UTC)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a zip archive of the files, as a runner makes it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@dataclass(slots=True)
class Commit:
    id: str
    title: str
    author: str
    at: datetime
    parent: str = ""


@dataclass(slots=True)
class Job:
    """`archive`: the zip of its artifacts; None when it has none, or they have expired."""

    id: int
    name: str
    stage: str
    status: str = "created"
    failure_reason: str = ""
    allow_failure: bool = False
    trace: bytes = b""
    archive: bytes | None = None
    dotenv: bytes | None = None
    retried: bool = False
    created_at: datetime = field(default_factory=now)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    expire_at: datetime | None = None

    def start(self) -> None:
        self.status, self.started_at = "running", self.started_at or now()

    def end(self, status: str, reason: str = "") -> None:
        self.started_at = self.started_at or now()
        self.status, self.finished_at, self.failure_reason = status, now(), reason


@dataclass(slots=True)
class Pipeline:
    id: int
    iid: int
    project: "Project"
    ref: str
    sha: str
    source: str
    variables: dict[str, str]
    jobs: list[Job]
    status: str = "pending"
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    yaml_errors: str = ""
    children: dict[str, "Pipeline"] = field(default_factory=dict)  # by the job that triggered it

    def become(self, status: str) -> None:
        self.status, self.updated_at = status, now()
        if status != "pending":
            self.started_at = self.started_at or now()
        over = status in ("success", "failed", "canceled", "skipped")
        self.finished_at = now() if over else None

    @property
    def current_jobs(self) -> list[Job]:
        return [job for job in self.jobs if not job.retried]

    def job(self, name: str = "") -> Job:
        """The job's latest try; the last job when no name is given."""
        found = [job for job in self.current_jobs if name in ("", job.name)]
        return found[-1]


@dataclass(slots=True)
class Project:
    """`job_names`: what its .gitlab-ci.yml holds, as (stage, job). `access_level`: the role of the
    stand's token in it; below 10 it is not even visible."""

    id: int
    path: str
    access_level: int = MAINTAINER
    job_names: tuple[tuple[str, str], ...] = (("test", "check"), ("build", "package"))
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)
    packages: dict[tuple[str, str, str], bytes] = field(default_factory=dict)
    pipelines: dict[int, Pipeline] = field(default_factory=dict)
    protected: set[str] = field(default_factory=set)  # branches that need a maintainer
    variables_role: str = "developer"
    variables_readable: bool = True
    runners_online: int = 1

    def commit(self, branch: str, title: str, author: str = "Alice") -> str:
        """Add a commit to the branch, which is made if need be; returns its id."""
        parent = self.branches.get(branch) or self.branches.get("main", "")
        facts = f"{self.path} {branch} {title} {len(self.commits)}"
        sha = hashlib.sha1(facts.encode()).hexdigest()
        self.commits[sha] = Commit(sha, title, author, now(), parent)
        self.branches[branch] = sha
        return sha

    def find_ref(self, ref: str) -> str:
        """Return the commit of a branch or tag; "" for none."""
        bare = ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
        return self.branches.get(bare) or self.tags.get(bare, "")

    def find_commit(self, name: str) -> Commit | None:
        """By branch, tag, id or the beginning of an id."""
        sha = self.find_ref(name)
        if not sha and len(name) >= 7:
            sha = next((known for known in self.commits if known.startswith(name)), "")
        return self.commits.get(sha)

    def history(self, sha: str) -> Iterator[Commit]:
        """The commit and those before it, the newest first."""
        while commit := self.commits.get(sha):
            yield commit
            sha = commit.parent

    def between(self, base: Commit, head: Commit) -> list[Commit]:
        """What head has and base has not, the oldest first, as GitLab's compare gives it."""
        old = {commit.id for commit in self.history(base.id)}
        new = itertools.takewhile(lambda commit: commit.id not in old, self.history(head.id))
        return list(new)[::-1]

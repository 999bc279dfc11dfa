"""What the Jenkins stand-in knows: jobs, the queue, builds."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

USUAL = ("REF", "COMMIT", "SLIPWAY_BUILD")


def encode_branch(name: str) -> str:
    """Return the name of a branch's job, as branch-api makes it: `feature%2Fx`."""
    if name in ("", ".", ".."):
        return {"": "%00", ".": "%2E", "..": "%2E."}[name]
    return "".join(f"%{ord(mark):02X}" if mark in "%/?#[]\\" else mark for mark in name)


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a build's change log."""

    id: str
    title: str = "Change something"
    author: str = "Alice"
    at: int = 1_700_000_000_000  # milliseconds


@dataclass(eq=False)
class Build:
    """One build. `result` is None while it runs."""

    job: "Job"
    number: int
    queue_id: int
    parameters: dict[str, str]
    timestamp: int  # milliseconds
    result: str | None = None
    duration: int = 0  # milliseconds
    commit: str = ""
    ref: str = ""
    description: str | None = None
    log: bytes = b""
    artifacts: dict[str, bytes] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    libraries: list[tuple[str, str]] = field(default_factory=list)  # (commit, branch) of others

    @property
    def path(self) -> str:
        return f"{self.job.path}{self.number}/"


@dataclass(eq=False)
class Item:
    """One place in the queue, which stays known for a while after it was left."""

    id: int
    job: "Job"
    parameters: dict[str, str]
    why: str | None = "Waiting for next available executor"
    cancelled: bool = False
    build: Build | None = None

    @property
    def is_left(self) -> bool:
        return self.cancelled or self.build is not None


@dataclass(eq=False)
class Job:
    """A job, a folder or a multibranch project: `kind` is the end of its `_class`."""

    name: str  # "billing", "feature%2Fx"
    kind: str = "WorkflowJob"
    parent: "Job | None" = None
    parameters: tuple[str, ...] = ()
    buildable: bool = True
    children: dict[str, "Job"] = field(default_factory=dict)
    builds: dict[int, Build] = field(default_factory=dict)
    next_number: int = 1

    @property
    def path(self) -> str:
        """`job/team/job/billing/`, below the server's address."""
        above = self.parent.path if self.parent else ""
        return f"{above}job/{quote(self.name, safe='')}/"

    @property
    def full_name(self) -> str:
        return f"{self.parent.full_name}/{self.name}" if self.parent else self.name

    @property
    def holds_jobs(self) -> bool:
        return self.kind in ("Folder", "WorkflowMultiBranchProject", "OrganizationFolder")

    def add(self, child: "Job") -> "Job":
        child.parent = self
        self.children[child.name] = child
        return child

    def newest_first(self) -> list[Build]:
        return [self.builds[number] for number in sorted(self.builds, reverse=True)]

    def all_builds(self) -> Iterator[Build]:
        yield from self.builds.values()
        for child in self.children.values():
            yield from child.all_builds()

"""Which job is meant, where it lies, and what builds are called."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from slipway.adapters.builds.jenkins.changes import name_of_ref, ref_of_branch, ref_of_job
from slipway.adapters.builds.jenkins.talk import ANONYMOUS, NoSuchPage, Talk
from slipway.core.builds.orders import BuildOrder
from slipway.core.words.names import shown
from slipway.ports.builds import BuildGone, ServerRefused

JOB_TREE = "_class,buildable,property[parameterDefinitions[name]]"

_RESERVED = "%/?#[]\\"  # what branch-api takes out of the names of branches
_NAMES = {".": "%2E", "..": "%2E."}
_ID = re.compile(r"(?:queue:(?P<queue>[0-9]{1,18})|(?:(?P<branch>[^/]+)/)?(?P<number>[0-9]{1,10}))")
_BUILD_URL = re.compile(r"((?:/job/[^/]+)+)/([0-9]{1,10})/?$")
_JOB_URL = re.compile(r"((?:/job/[^/]+)+)/?$")


@dataclass(frozen=True, slots=True)
class Place:
    """What an id stands for: a place in the queue (`queue:7`), a build of a job (`12`), or of one
    branch of a multibranch project (`feature%2Fx/12`, the job's name as Jenkins has it)."""

    queue: int = 0
    branch: str = ""
    number: int = 0

    @property
    def id(self) -> str:
        if self.queue:
            return f"queue:{self.queue}"
        return f"{self.branch}/{self.number}" if self.branch else str(self.number)


@dataclass(frozen=True, slots=True)
class Job:
    """A job that can be built. `branch`: its name in its multibranch project, else ""."""

    path: str
    branch: str
    parameters: tuple[str, ...]


def parse_id(order: BuildOrder, build_id: str) -> Place:
    """Raises BuildGone for what is no id of ours."""
    found = _ID.fullmatch(build_id)
    if not found:
        raise gone(order, build_id)
    return Place(int(found["queue"] or 0), found["branch"] or "", int(found["number"] or 0))


def gone(order: BuildOrder, build_id: str) -> BuildGone:
    return BuildGone(
        "{server} does not know the build {id} of {project} (any more).",
        hint="It was deleted there, or the job was. Build again, or keep builds longer in Jenkins "
        "(Discard old builds).",
        server=order.access.name,
        id=shown(build_id),
        project=shown(order.project),
    )


def project_path(project: str) -> str:
    """Return `job/team/job/billing/` of `team/billing`."""
    names = [name for name in project.split("/") if name]
    return "".join(f"job/{quote(name, safe='')}/" for name in names)


def branch_path(project: str, branch: str) -> str:
    """Return where the job of a branch lies, called as branch_name says; "": the job itself."""
    return project_path(project) + (f"job/{quote(branch, safe='')}/" if branch else "")


def branch_name(ref: str) -> str:
    """Return what Jenkins calls the job of a branch, or of a change request: `feature%2Fx`."""
    name = name_of_ref(ref)
    escaped = (f"%{ord(mark):02X}" if mark in _RESERVED else mark for mark in name)
    return _NAMES.get(name) or "".join(escaped)


def ref_of(branch: str) -> str:
    return ref_of_job(unquote(branch))


def build_path(order: BuildOrder, place: Place) -> str:
    return f"{branch_path(order.project, place.branch)}{place.number}/"


def place_of_url(order: BuildOrder, url: object) -> Place | None:
    """Return which build of the order's project the address is of. Only its path is looked at: the
    name that Jenkins believes to have need not be the one that it is reached by."""
    found = _BUILD_URL.search(path_of(url))
    names = _names(found[1]) if found else []
    wanted = [name for name in order.project.split("/") if name]
    if not found or names[: len(wanted)] != wanted or len(names) > len(wanted) + 1:
        return None
    return Place(branch="".join(names[len(wanted) :]), number=int(found[2]))


def is_url_of(job: Job, url: object) -> bool:
    found = _JOB_URL.search(path_of(url))
    return found is not None and _names(found[1]) == _names(f"/{job.path}")


def path_of(url: object) -> str:
    try:
        return urlsplit(url).path if isinstance(url, str) else ""
    except ValueError:  # brackets that hold no address
        return ""


def _names(path: str) -> list[str]:
    return [unquote(name.strip("/")) for name in path.split("/job/")[1:]]


def read_project(talk: Talk, project: str, tree: str) -> Mapping[str, Any]:
    """Raises ServerRefused when it is not there."""
    try:
        if not project.strip("/"):
            raise NoSuchPage
        return talk.read(project_path(project), tree)
    except NoSuchPage as error:
        raise ServerRefused(
            "{server} has no job {project}, or does not show it to {who}.",
            hint="The project is the job's path with its folders, like team/billing. To see it, "
            "{who} needs Job/Read.",
            server=talk.access.name,
            project=f"“{shown(project)}”",
            who=shown(talk.access.username) or ANONYMOUS,
        ) from error


def is_multibranch(told: Mapping[str, Any]) -> bool:
    return str(told.get("_class")).endswith("MultiBranchProject")


def is_folder(told: Mapping[str, Any]) -> bool:
    return str(told.get("_class")).endswith("Folder")


def find_job(talk: Talk, order: BuildOrder) -> Job:
    """Return the job that builds the order's ref. Raises ServerRefused."""
    told = read_project(talk, order.project, JOB_TREE)
    if is_multibranch(told):
        return _branch_job(talk, order)
    if is_folder(told):
        raise ServerRefused(
            "{project} on {server} is a folder, not a job.",
            hint="Name the job inside it: {project}/…",
            server=order.access.name,
            project=shown(order.project),
        )
    return _job(project_path(order.project), "", told)


def _branch_job(talk: Talk, order: BuildOrder) -> Job:
    branch = branch_name(order.ref)
    path = branch_path(order.project, branch)
    try:
        if not order.ref or not order.ref.isprintable():
            raise NoSuchPage
        return _job(path, branch, talk.read(path, JOB_TREE))
    except NoSuchPage as error:
        raise ServerRefused(
            "{project} on {server} has no job for {ref}.",
            hint="Is that a branch? If it is new, let Jenkins look for branches first (Scan "
            "Multibranch Pipeline Now).",
            server=order.access.name,
            project=shown(order.project),
            ref=f"“{shown(order.ref)}”",
        ) from error


def check_meant(order: BuildOrder, job: Job) -> None:
    """Raise ServerRefused for a change request that is asked for as if it were a branch: what comes
    of it would be taken for a branch's."""
    ref = ref_of_job(order.ref) if job.branch else ref_of_branch(order.ref)
    if ref != order.ref:
        raise ServerRefused(
            "{ref} of {project} on {server} is a change request, no branch.",
            hint="Ask for it as {whole}.",
            ref=shown(order.ref),
            project=shown(order.project),
            server=order.access.name,
            whole=shown(ref),
        )


def _job(path: str, branch: str, told: Mapping[str, Any]) -> Job:
    return Job(path, branch, declared(told))


def declared(told: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the parameters that a job declares."""
    properties = told.get("property")
    found: list[str] = []
    for entry in properties if isinstance(properties, list) else ():
        definitions = entry.get("parameterDefinitions") if isinstance(entry, dict) else None
        for definition in definitions if isinstance(definitions, list) else ():
            name = definition.get("name") if isinstance(definition, dict) else None
            if isinstance(name, str):
                found.append(name)
    return tuple(found)

"""Reads builds, and places in the queue, from what Jenkins says of them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from slipway.adapters.builds.jenkins.changes import name_of_ref, ref_of_branch, ref_of_parameters
from slipway.adapters.builds.jenkins.jobs import Place, build_path, ref_of
from slipway.adapters.builds.jenkins.parameters import CORRELATION, REF_NAMES, first_of
from slipway.core.builds.orders import BuildOrder
from slipway.core.builds.seen import Commit, SeenBuild
from slipway.core.builds.state import SeenStatus
from slipway.core.words.names import shown
from slipway.core.words.sentence import Sentence, theirs

_PARAMETERS = "parameters[name,value]"
BUILD_TREE = (
    f"number,queueId,building,result,timestamp,duration,"
    f"actions[{_PARAMETERS},lastBuiltRevision[SHA1,branch[SHA1,name]]]"
)
ITEM_TREE = f"id,why,cancelled,executable[number,url],task[url],actions[{_PARAMETERS}]"
_CHANGES = "items[commitId,msg,timestamp,author[fullName]]"
CHANGES_TREE = f"{BUILD_TREE},changeSet[{_CHANGES}],changeSets[{_CHANGES}]"

_RESULTS: dict[str, tuple[SeenStatus, Sentence | None]] = {
    "SUCCESS": (SeenStatus.SUCCESS, None),
    # Whoever releases it has to ask for that: turn it into SUCCESS in the job.
    "UNSTABLE": (
        SeenStatus.FAILED,
        Sentence.of(
            "jenkins_unstable", "Jenkins says UNSTABLE: it was built, and its tests failed."
        ),
    ),
    "FAILURE": (
        SeenStatus.FAILED,
        Sentence.of("jenkins_failure", "Jenkins says FAILURE: see the end of its log."),
    ),
    "NOT_BUILT": (
        SeenStatus.FAILED,
        Sentence.of("jenkins_not_built", "Jenkins says NOT_BUILT: it did not come to building it."),
    ),
    "ABORTED": (
        SeenStatus.CANCELLED,
        Sentence.of("jenkins_aborted", "Jenkins says ABORTED: it was ended there."),
    ),
}
_NOT_KNOWN = Sentence.of("jenkins_not_known", "nothing that we know")
_OUT_OF_QUEUE = Sentence.of("jenkins_out_of_queue", "It was taken out of Jenkins' queue.")
_REMOTE = ("refs/remotes/", "refs/heads/", "refs/tags/", "remotes/")


def entries(told: object, key: str) -> Iterator[Mapping[str, Any]]:
    """Yield those entries of a list that can be read."""
    found = told.get(key) if isinstance(told, Mapping) else None
    if isinstance(found, list):
        yield from (entry for entry in found if isinstance(entry, dict))


def text(value: object, limit: int = 200) -> str:
    return shown(value, limit) if isinstance(value, str) else ""


def number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def parameter_values(told: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters of a build, or of a place in the queue."""
    found: dict[str, str] = {}
    for action in entries(told, "actions"):
        for parameter in entries(action, "parameters"):
            name, value = parameter.get("name"), parameter.get("value")
            if isinstance(name, str) and isinstance(value, str):
                found.setdefault(name, value)
    return found


def builds_in(told: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield those builds of a job that can be asked for."""
    yield from (build for build in entries(told, "builds") if number(build.get("number")) > 0)


def is_ordered_by(told: Mapping[str, Any], order: BuildOrder) -> bool:
    mark = parameter_values(told).get(CORRELATION)
    return bool(mark) and mark == order.correlation


def waiting(order: BuildOrder, told: Mapping[str, Any]) -> SeenBuild:
    """Return what a place in the queue says, whose build is not there (yet, or ever)."""
    is_cancelled = told.get("cancelled") is True
    values = parameter_values(told)
    return SeenBuild(
        id=Place(queue=number(told.get("id"))).id,
        status=SeenStatus.CANCELLED if is_cancelled else SeenStatus.WAITING,
        ref=_ref(values),
        correlation=text(values.get(CORRELATION)),
        says=_OUT_OF_QUEUE if is_cancelled else theirs(text(told.get("why"))),
    )


def seen(order: BuildOrder, branch: str, told: Mapping[str, Any]) -> SeenBuild:
    """Return how far a build is; `branch` as in Place."""
    place = Place(branch=branch, number=number(told.get("number")))
    status, says = _status(told)
    values = parameter_values(told)
    ref = ref_of(branch) or _ref(values)
    started_at = moment(told.get("timestamp"))
    took = number(told.get("duration"))
    ended = status.is_over and started_at is not None and 0 < took < 10**11
    revisions = list(_revisions(told))
    return SeenBuild(
        id=place.id,
        status=status,
        url=f"{order.access.base_url.rstrip('/')}/{build_path(order, place)}",
        ref=ref or ref_of_branch(next((name for _, name in revisions if name), "")),
        commit=_commit(revisions, name_of_ref(ref), order.commit),
        correlation=text(values.get(CORRELATION)),
        says=says,
        started_at=started_at,
        finished_at=started_at + timedelta(milliseconds=took) if started_at and ended else None,
    )


def moment(milliseconds: object) -> datetime | None:
    if not 0 < number(milliseconds) < 4 * 10**12:  # until the year 2096
        return None
    return datetime.fromtimestamp(number(milliseconds) / 1000, UTC)


def _status(told: Mapping[str, Any]) -> tuple[SeenStatus, Sentence | None]:
    result = told.get("result")
    if told.get("building") is True or result is None:
        return SeenStatus.RUNNING, None
    if isinstance(result, str) and result in _RESULTS:
        return _RESULTS[result]
    said = text(result) or _NOT_KNOWN
    return SeenStatus.FAILED, Sentence.of("jenkins_says", "Jenkins says {result}.", result=said)


def _ref(values: Mapping[str, str]) -> str:
    ref = values.get(first_of(REF_NAMES, tuple(values)), "")
    return ref_of_parameters(values) or ref_of_branch(text(ref.removeprefix("refs/heads/"), 255))


def _revisions(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (commit, branch) of each repository that was checked out."""
    for action in entries(told, "actions"):
        revision = action.get("lastBuiltRevision")
        sha = revision.get("SHA1") if isinstance(revision, dict) else None
        if isinstance(sha, str) and 0 < len(sha) <= 64:
            names = [_branch(text(branch.get("name"))) for branch in entries(revision, "branch")]
            yield sha, next((name for name in names if name), "")


def _branch(name: str) -> str:
    """Return `main` of `refs/remotes/origin/main`; "" for a commit that no branch led to."""
    bare = name
    for prefix in _REMOTE:
        bare = bare.removeprefix(prefix)
    if name.startswith(("refs/remotes/", "remotes/", "origin/")):
        bare = bare.partition("/")[2]
    return "" if bare == "detached" else bare


def _commit(revisions: Sequence[tuple[str, str]], ref: str, ordered: str) -> str:
    """A pipeline checks out its shared libraries, too: of several commits it is the ordered one,
    else that of the ref; "" where nobody can say."""
    commits = [sha for sha, _ in revisions]
    if ordered in commits:
        return ordered
    of_ref = {sha for sha, name in revisions if name and name == ref} or set(commits)
    return of_ref.pop() if len(of_ref) == 1 else ""


def changes(told: Mapping[str, Any]) -> Iterator[Commit]:
    """Yield the commits that a build has and the one before it has not."""
    sets = [told.get("changeSet"), *entries(told, "changeSets")]
    for items in sets:
        for entry in entries(items, "items"):
            author = entry.get("author")
            name = author.get("fullName") if isinstance(author, dict) else ""
            yield Commit(
                id=text(entry.get("commitId"), 64),
                title=text(entry.get("msg")),
                author=text(name),
                at=moment(entry.get("timestamp")),
                url="",  # Jenkins knows it only where a browser of the repository is configured
            )

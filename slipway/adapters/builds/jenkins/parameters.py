"""What a job is told: the parameters that a build needs, where the job declares them."""

from slipway.adapters.builds.jenkins.changes import name_of_ref
from slipway.adapters.builds.jenkins.jobs import Job
from slipway.core.builds.orders import BuildOrder
from slipway.core.words.names import shown
from slipway.ports.builds import ServerRefused

CORRELATION = "SLIPWAY_BUILD"
REF_NAMES = ("REF", "BRANCH", "GIT_BRANCH", "BRANCH_NAME", "GIT_REF")
COMMIT_NAMES = ("COMMIT", "GIT_COMMIT")

_HINT = "Jenkins drops what a job does not declare: add it as a string parameter there."
_BRANCH_HINT = (
    "Jenkins drops what a job does not declare: add it as a string parameter there. "
    "What a Jenkinsfile declares, Jenkins knows only after the branch was built once."
)
_COMMIT_HINT = (
    "Jenkins drops what a job does not declare, and would build the newest commit of the ref: add "
    "it as a string parameter there, or ask for the ref alone."
)


def first_of(names: tuple[str, ...], given: tuple[str, ...]) -> str:
    """Return the one of `given` that is called like the first possible of `names`, small or large
    letters; "" if none is."""
    by_name = {name.upper(): name for name in reversed(given)}
    return next((by_name[name] for name in names if name in by_name), "")


def parameters(order: BuildOrder, job: Job) -> dict[str, str]:
    """Return what the job is told: the ref as REF (or the first that it declares of BRANCH,
    GIT_BRANCH, BRANCH_NAME, GIT_REF), the commit, if one was asked for, as COMMIT or GIT_COMMIT,
    SLIPWAY_BUILD, and the order's variables.

    Jenkins drops what a job does not declare, without a word. Raises ServerRefused where that would
    build something else than what was ordered, or a build that could not be found again.
    """
    ref = first_of(REF_NAMES, job.parameters)
    commit = first_of(COMMIT_NAMES, job.parameters)
    needed = {CORRELATION, *order.variables}
    if not job.branch and order.ref and not ref:
        needed.add(REF_NAMES[0])
    if order.commit and not commit:  # the newest one of the ref would pass for it
        needed.add(COMMIT_NAMES[0])
    if missing := sorted(needed - set(job.parameters)):
        raise undeclared(order.access.name, order.project, missing, is_branch=bool(job.branch))
    given = {CORRELATION: order.correlation, **order.variables}
    if ref:
        given.setdefault(ref, name_of_ref(order.ref))
    if commit and order.commit:
        given.setdefault(commit, order.commit)
    return given


def undeclared(
    server: str, project: str, missing: list[str], *, is_branch: bool = False
) -> ServerRefused:
    hint = _BRANCH_HINT if is_branch else _HINT
    if COMMIT_NAMES[0] in missing:
        hint = _COMMIT_HINT
    return ServerRefused(
        "{project} on {server} does not declare: {missing}.",
        hint=hint,
        server=server,
        project=shown(project),
        missing=shown(", ".join(missing), 200),
    )

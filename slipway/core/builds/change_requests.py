"""Names of change requests (pull, merge requests) on servers that call them like branches."""

import re

REFS = "refs/change-requests/"
# What the branch sources of GitHub, Gitea, Bitbucket and GitLab call the job of one on Jenkins.
_JOB = re.compile(r"(?:PR|MR)-[0-9]+(?:-(?:head|merged?|unmerged))?")
# What it is checked out as where a job without branches builds it.
_BRANCH = re.compile(r"(?:pr|pull|pull-requests|merge-requests)/[0-9]+(?:/(?:head|merge|from))?")


def is_job_of_one(name: str) -> bool:
    return _JOB.fullmatch(name) is not None


def is_branch_of_one(name: str) -> bool:
    return _BRANCH.fullmatch(name) is not None


def ref_as_it_is_now(ref: str) -> str:
    """Return the ref of what Jenkins built, also where it was kept as that of a branch: so it was
    before change requests were told apart."""
    bare = ref.removeprefix("origin/")
    return f"{REFS}{bare}" if is_job_of_one(bare) or is_branch_of_one(bare) else ref

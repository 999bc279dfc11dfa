"""Change requests (pull requests, merge requests) on Jenkins: how they are told from branches.

Whoever may ask for a merge writes what is built of it. So its ref begins with refs/, as GitLab's
does, and is meant only by a pattern that begins so (see core.build_settings.matches).
"""

import re
from collections.abc import Mapping

from slipway.core.builds.change_requests import REFS, is_branch_of_one, is_job_of_one

# What plugins that build them by such a job set, each to a number.
_PARAMETERS = ("CHANGE_ID", "ghprbPullId", "gitlabMergeRequestIid")


def ref_of_job(name: str) -> str:
    """Return the ref of a job of a multibranch project, of its name as people read it."""
    return f"{REFS}{name}" if is_job_of_one(name) else name


def ref_of_branch(name: str) -> str:
    """Return the ref of what was checked out, or asked for, under the name of a branch."""
    bare = name.removeprefix("origin/")
    return f"{REFS}{bare}" if is_branch_of_one(bare) else name


def name_of_ref(ref: str) -> str:
    """Return the name on Jenkins of what has this ref."""
    name = ref.removeprefix(REFS)
    return name if is_job_of_one(name) or is_branch_of_one(name) else ref


def ref_of_parameters(values: Mapping[str, str]) -> str:
    """Return the ref of the change request that a build's parameters name, "" where they do not."""
    numbers = (values.get(name, "") for name in _PARAMETERS)
    found = next((each for each in numbers if re.fullmatch(r"[0-9]{1,18}", each)), "")
    return f"{REFS}PR-{found}" if found else ""

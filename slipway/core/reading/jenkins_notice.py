"""What Jenkins' Notification plugin tells of a build. A hint: the build is asked for again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid

_LONGEST_URL = 4000
_LONGEST_JOB = 1000
_MOST_NUMBER = 2**31 - 1  # Jenkins counts builds in a Java int
_PHASE = re.compile(r"[A-Z_]{1,32}")
_SEGMENT = re.compile(r"job/([^/]+)/?")


@dataclass(frozen=True, slots=True)
class JenkinsNotice:
    """`job`: its path as the order's project has it (`team/billing`); the branch of a multibranch
    project is its last part, as Jenkins writes it (`team/billing/feature%2Fx`). `number`: of the
    build. `phase`: QUEUED, STARTED, COMPLETED or FINALIZED."""

    job: str
    number: str
    phase: str

    def build_id(self, project: str) -> str | None:
        """Return what the build is called when Jenkins is asked about a project ("18", or
        "feature%2Fx/18" in a multibranch project); None for a build of another one."""
        path = f"{self.job}/{self.number}"
        start = f"{project.strip('/')}/"
        is_inside = path.startswith(start) and path.count("/") - start.count("/") <= 1
        return path.removeprefix(start) if is_inside else None


def parse_jenkins(body: object) -> JenkinsNotice | None:
    """Return what the JSON says; None for a notice of no build. Raises Invalid for anything that
    the plugin does not send."""
    values = _keys(body, "notice")
    build = _keys(values.get("build"), "build")
    phase = build.get("phase")
    if not isinstance(phase, str) or not _PHASE.fullmatch(phase):
        raise _not_jenkins("phase")
    if phase == "NONE":  # a notification that somebody sends by hand, from a step of a build
        return None
    return JenkinsNotice(_job_path(values.get("url")), _number(build.get("number")), phase)


def _keys(value: object, key: str) -> Mapping[object, object]:
    if not isinstance(value, Mapping):
        raise _not_jenkins(key)
    return value


def _number(value: object) -> str:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not is_number or not 0 < value <= _MOST_NUMBER:  # type: ignore[operator]
        raise _not_jenkins("build number")
    return str(value)


def _job_path(value: object) -> str:
    """Return `team/billing` of `job/team/job/billing/`."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_URL:
        raise _not_jenkins("url")
    rest, names = value, []
    while found := _SEGMENT.match(rest):
        names.append(unquote(found[1]))
        rest = rest[found.end() :]
    path = "/".join(names)
    # A name that decodes to two names, or to a way up, would be another job.
    is_odd = any("/" in name or name in (".", "..") for name in names)
    if rest or is_odd or not path.isprintable() or not 0 < len(path) <= _LONGEST_JOB:
        raise _not_jenkins("url")
    return path


def _not_jenkins(key: str) -> Invalid:
    return Invalid(
        "This is no notice of Jenkins: its {key} is missing, or is nothing that Jenkins sends.",
        hint="The job should have an endpoint of the Notification plugin, format JSON.",
        key=shown(key),
    )

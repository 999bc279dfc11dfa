"""What GitLab's answers mean: its pipelines and jobs as our builds."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slipway.adapters.builds.gitlab.api import GitLabApi
from slipway.core.builds.seen import Commit, SeenBuild
from slipway.core.builds.state import SeenStatus
from slipway.core.words.names import shown
from slipway.core.words.sentence import Sentence

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_STATUS = {
    "created": SeenStatus.WAITING,
    "waiting_for_resource": SeenStatus.WAITING,
    "waiting_for_callback": SeenStatus.WAITING,
    "preparing": SeenStatus.WAITING,
    "pending": SeenStatus.WAITING,
    "manual": SeenStatus.WAITING,
    "scheduled": SeenStatus.WAITING,
    "running": SeenStatus.RUNNING,
    "success": SeenStatus.SUCCESS,
    "failed": SeenStatus.FAILED,
    # Its jobs may still clean up; it will never be anything else.
    "canceling": SeenStatus.CANCELLED,
    "canceled": SeenStatus.CANCELLED,
    "skipped": SeenStatus.FAILED,
}
_SAYS = {
    "pending": Sentence.of("gitlab_pending", "Waiting for a runner."),
    "waiting_for_resource": Sentence.of(
        "gitlab_waiting_for_resource",
        "Waiting for another pipeline that uses the same resource group.",
    ),
    "skipped": Sentence.of("gitlab_skipped", "GitLab skipped the pipeline: no job was to run."),
}
# GitLab's own words for why a job failed; another one is said as GitLab calls it.
_FAILURES = {
    "script_failure": Sentence.of("script_failure", "script failure"),
    "runner_system_failure": Sentence.of("runner_system_failure", "runner system failure"),
    "stuck_or_timeout_failure": Sentence.of("stuck_or_timeout_failure", "stuck or timeout failure"),
    "job_execution_timeout": Sentence.of("job_execution_timeout", "job execution timeout"),
    "missing_dependency_failure": Sentence.of(
        "missing_dependency_failure", "missing dependency failure"
    ),
    "runner_unsupported": Sentence.of("runner_unsupported", "runner unsupported"),
    "unknown_failure": Sentence.of("unknown_failure", "unknown failure"),
    "api_failure": Sentence.of("api_failure", "api failure"),
}
_NO_REASON = Sentence.of("no_reason_given", "no reason given")
_MANUAL_JOB = Sentence.of("manual_job", "a manual job")
_SOME_JOB = Sentence.of("some_job", "A job")
# Where what is said depends on the jobs; and where those of children may say it.
TOLD_BY_JOBS = ("pending", "running", "manual", "scheduled", "failed")
TOLD_BY_CHILDREN = ("running", "failed")


@dataclass(frozen=True, slots=True)
class PipelineJob:
    """A job of a pipeline; `status` in GitLab's words. `above`: the jobs of parent pipelines that
    have triggered the child that it is in, "" in the pipeline itself."""

    id: int
    name: str
    stage: str
    status: str
    failure_reason: str
    allow_failure: bool
    started_at: datetime | None
    has_archive: bool
    has_dotenv: bool
    archive_name: str
    artifacts_expire_at: datetime | None
    above: str = ""

    @property
    def title(self) -> str:
        return f"{self.above}: {self.name}" if self.above else self.name

    @property
    def is_over(self) -> bool:
        return self.status in ("success", "failed", "canceled", "skipped")


@contextmanager
def reading(api: GitLabApi) -> Iterator[None]:
    """Raise ServerTrouble for an answer that lacks what GitLab's have."""
    try:
        yield
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise api.not_understood() from error


def job_from(data: Mapping[str, Any], above: str = "") -> PipelineJob:
    """Raises KeyError, ValueError, TypeError, AttributeError for what is none."""
    artifacts = [str(each["file_type"]) for each in data.get("artifacts") or ()]
    archive = data.get("artifacts_file") or {}
    return PipelineJob(
        id=int(data["id"]),
        name=_text(data["name"]),
        stage=_text(data.get("stage")),
        status=_text(data["status"]),
        failure_reason=_text(data.get("failure_reason")),
        allow_failure=bool(data.get("allow_failure")),
        started_at=_time(data.get("started_at")),
        has_archive="archive" in artifacts or bool(archive),
        has_dotenv="dotenv" in artifacts,
        archive_name=_text(archive.get("filename")) or "artifacts.zip",
        artifacts_expire_at=_time(data.get("artifacts_expire_at")),
        above=above,
    )


def build_from(
    data: Mapping[str, Any], *, jobs: Sequence[PipelineJob] = (), correlation: str = ""
) -> SeenBuild:
    """Raises KeyError, ValueError, TypeError, AttributeError for what is no pipeline."""
    status = _text(data["status"])
    return SeenBuild(
        id=str(int(data["id"])),
        status=_STATUS.get(status, SeenStatus.WAITING),
        url=_text(data.get("web_url")),
        ref=_text(data.get("ref")),
        commit=_text(data.get("sha")),
        correlation=correlation,
        says=_says(status, data, jobs),
        started_at=_time(data.get("started_at")),
        finished_at=_time(data.get("finished_at")),
    )


def commit_id(data: Mapping[str, Any]) -> str:
    """Return the id of a commit. Raises KeyError, ValueError, TypeError for what is none."""
    if not _COMMIT.fullmatch(found := _text(data["id"])):
        raise ValueError("no id of a commit")
    return found


def commit_from(data: Mapping[str, Any]) -> Commit:
    """Raises KeyError, ValueError, TypeError for what is none."""
    return Commit(
        id=commit_id(data),
        title=_text(data.get("title")),
        author=_text(data.get("author_name")),
        at=_time(data.get("committed_date") or data.get("created_at")),
        url=_text(data.get("web_url")),
    )


def created_at(data: Mapping[str, Any]) -> datetime | None:
    return _time(data.get("created_at"))


def _says(status: str, data: Mapping[str, Any], jobs: Sequence[PipelineJob]) -> Sentence | None:
    names = shown(", ".join(job.title for job in jobs if job.status == status), 250)
    match status:
        case "failed":
            return _why_failed(data, jobs)
        case "running" if names:
            return Sentence.of("gitlab_running", "Running: {jobs}.", jobs=names)
        case "pending" if names:
            return Sentence.of("gitlab_no_runner", "Waiting for a runner: {jobs}.", jobs=names)
        case "manual":
            template = "Waiting for somebody to start {jobs} in GitLab."
            return Sentence.of("gitlab_manual", template, jobs=names or _MANUAL_JOB)
        case "scheduled":
            template = "{jobs} starts later: it is delayed in GitLab."
            return Sentence.of("gitlab_scheduled", template, jobs=names or _SOME_JOB)
    if status in _STATUS:
        return _SAYS.get(status)
    return Sentence.of("gitlab_says", "GitLab calls it {called}.", called=shown(status))


def _why_failed(data: Mapping[str, Any], jobs: Sequence[PipelineJob]) -> Sentence | None:
    if errors := data.get("yaml_errors"):
        template = ".gitlab-ci.yml: {errors}"
        return Sentence.of("gitlab_yaml_errors", template, errors=shown(str(errors), 280))
    failed = [job for job in jobs if job.status == "failed" and not job.allow_failure]
    if not failed:
        return None
    first, more = failed[0], len(failed) - 1
    code = first.failure_reason
    reason = _FAILURES.get(code) or shown(code.replace("_", " ")) or _NO_REASON
    job = shown(first.title)
    if not more:
        template = "Job {job} failed: {reason}."
        return Sentence.of("gitlab_job_failed", template, job=job, reason=reason)
    template = "Job {job} failed: {reason}. {more} more failed."
    return Sentence.of("gitlab_jobs_failed", template, job=job, reason=reason, more=more)


def _text(value: object) -> str:
    if not isinstance(value, str | None):
        raise TypeError("no text")
    return value or ""


def _time(value: object) -> datetime | None:
    """Return the moment; GitLab always gives an offset. Raises ValueError."""
    if value is None:
        return None
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError("a time without an offset")
    return moment

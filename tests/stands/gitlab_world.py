"""What happens in the GitLab stand-in: pipelines are made, advance, end, and go away."""

import io
import itertools
import zipfile
from collections.abc import Callable, Mapping
from datetime import timedelta

from tests.stands.gitlab_state import Job, Pipeline, Project, now, zipped


class World:
    """The state behind the API, changed by its calls and by the tests. `web`: the address of its
    pages, for links. `on_pipeline` is called with each pipeline that the API makes, and may let it
    run and end there and then."""

    def __init__(self, web: str) -> None:
        self.web = web
        self.scopes: tuple[str, ...] = ("api",)
        self.token_expires_at: str | None = "2099-01-01"
        self.projects: dict[int, Project] = {}
        self.made = 0  # pipelines that were made by the API
        self.on_pipeline: Callable[[Pipeline], object] | None = None
        self._numbers = itertools.count(1)

    def add_project(self, path: str, **facts: object) -> Project:
        project = Project(next(self._numbers), path, **facts)  # type: ignore[arg-type]
        self.projects[project.id] = project
        return project

    def find_project(self, name: str) -> Project | None:
        """By path, or by id."""
        if name.isdigit():
            return self.projects.get(int(name))
        return next((each for each in self.projects.values() if each.path == name), None)

    def make_pipeline(
        self, project: Project, ref: str, sha: str, source: str, variables: Mapping[str, str]
    ) -> Pipeline:
        jobs = [Job(next(self._numbers), name, stage) for stage, name in project.job_names]
        jobs[0].status = "pending"
        number = next(self._numbers)
        pipeline = Pipeline(
            number, len(project.pipelines) + 1, project, ref, sha, source, dict(variables), jobs
        )
        project.pipelines[number] = pipeline
        if source == "api":
            self.made += 1
            if self.on_pipeline:
                self.on_pipeline(pipeline)
        return pipeline

    def run(self, pipeline: Pipeline) -> None:
        """Its first job that has not begun begins; those before it have succeeded."""
        pipeline.become("running")
        for job in pipeline.current_jobs:
            if job.status == "running":
                job.end("success")
            elif job.status in ("created", "pending"):
                job.start()
                break

    def succeed(
        self,
        pipeline: Pipeline,
        files: Mapping[str, bytes] | None = None,
        *,
        job: str = "",
        dotenv: str = "",
    ) -> None:
        """All jobs succeed; `files` are the artifacts of `job` (the last one)."""
        for each in pipeline.current_jobs:
            each.end("success")
        if files is not None:
            self.keep(pipeline, files, job=job)
        if dotenv:
            pipeline.job(job).dotenv = dotenv.encode()
        pipeline.become("success")

    def keep(self, pipeline: Pipeline, files: Mapping[str, bytes], *, job: str = "") -> None:
        """Let the job have these artifacts for a week."""
        pipeline.job(job).archive = zipped(files)
        pipeline.job(job).expire_at = now() + timedelta(days=7)

    def fail(self, pipeline: Pipeline, *, job: str = "", reason: str = "script_failure") -> None:
        """The job (the last one) fails, those before it have succeeded."""
        failed = pipeline.job(job)
        for each in pipeline.current_jobs:
            if each is failed:
                each.end("failed", reason)
                break
            each.end("success")
        pipeline.become("failed")

    def cancel(self, pipeline: Pipeline) -> None:
        """Nothing, for one that has ended: so does GitLab."""
        if pipeline.finished_at:
            return
        for job in pipeline.current_jobs:
            if not job.finished_at:
                job.end("canceled")
        pipeline.become("canceled")

    def retry(self, pipeline: Pipeline) -> None:
        """Failed and cancelled jobs are tried again, as new jobs."""
        for job in pipeline.current_jobs:
            if job.status in ("failed", "canceled"):
                job.retried = True
                again = Job(next(self._numbers), job.name, job.stage, "pending")
                pipeline.jobs.append(again)
        pipeline.become("running")

    def delete(self, pipeline: Pipeline) -> None:
        del pipeline.project.pipelines[pipeline.id]

    def expire(self, pipeline: Pipeline) -> None:
        """Its artifacts are gone; that they were there is still told."""
        for job in pipeline.jobs:
            job.archive, job.dotenv = None, None
            job.expire_at = now() - timedelta(days=1)

    def inside(self, job: Job, path: str) -> bytes | None:
        """A file in the job's artifacts."""
        if job.archive is None:
            return None
        with zipfile.ZipFile(io.BytesIO(job.archive)) as archive:
            return archive.read(path) if path in archive.namelist() else None

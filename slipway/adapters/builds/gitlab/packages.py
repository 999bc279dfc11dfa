"""Where the package of a pipeline lies: a job's artifacts, the package registry, an address."""

import re
import tempfile
import zipfile
import zlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from slipway.adapters.builds.gitlab.answers import PipelineJob
from slipway.adapters.builds.gitlab.api import PIECE, GitLabApi, NotThere, path
from slipway.core.builds.orders import BuildOrder
from slipway.core.builds.package_source import SourceKind
from slipway.core.builds.path_patterns import fits, is_pattern
from slipway.core.builds.seen import FetchedPackage
from slipway.core.words.names import shown
from slipway.core.words.sentence import Sentence
from slipway.ports.builds import PackageMissing, ServerRefused, ServerTrouble

_DOTENV_BYTES = 1024**2  # GitLab itself takes 5 KiB by default
_NO_ARCHIVE = (zipfile.BadZipFile, zlib.error, NotImplementedError)
_SHOWN = 5  # names in a message
_REF_PREFIX = re.compile(r"refs/(heads|tags)/")
Jobs = Sequence[PipelineJob]


class PackageFinder:
    """Finds the package of one pipeline that ended well. Raises PackageMissing, ServerTrouble and
    ServerRefused."""

    def __init__(
        self, api: GitLabApi, order: BuildOrder, jobs: Jobs, known: Jobs, scratch: Path | None
    ) -> None:
        """`jobs`: where it is looked for; `known`: all there are; `scratch`: where archives go."""
        self._api = api
        self._order = order
        self._source = order.source
        self._jobs, self._known = jobs, known
        self._scratch = scratch

    @contextmanager
    def fetch(self, pipeline: Mapping[str, Any]) -> Iterator[FetchedPackage]:
        match self._source.kind:
            case SourceKind.ARTIFACT if self._source.path and not is_pattern(self._source.path):
                package = self._one_file()
            case SourceKind.ARTIFACT:
                job = self._job()
                with self._archive_of(job) as archive:
                    yield self._taken_out(job, archive)
                return
            case SourceKind.ARCHIVE:
                job = self._job()
                package = FetchedPackage(job.archive_name, self._archive_chunks(job))
            case SourceKind.REGISTRY:
                package = self._from_registry(pipeline)
            case SourceKind.URL:
                package = self._from_address(pipeline)
        yield package

    def _job(self) -> PipelineJob:
        """The job that the settings name, or the only one that has artifacts."""
        wanted = self._source.job
        named = [job for job in self._jobs if job.name == wanted]
        if wanted and not named:
            raise self._missing("there is no job {job}", job=wanted)
        having = [job for job in (named or self._jobs) if job.has_archive]
        if not having:
            raise self._without_artifacts(named)
        if len(having) > 1:
            raise self._missing(
                "more than one job has artifacts: {jobs}", jobs=_listed(job.title for job in having)
            )
        return having[0]

    def _without_artifacts(self, named: Jobs) -> PackageMissing:
        expired = any(job.artifacts_expire_at for job in named or self._jobs)
        if named and expired:
            return self._missing(
                "job {job} has no artifacts that have not expired", job=named[0].name
            )
        if named:
            return self._missing("job {job} has no artifacts", job=named[0].name)
        if expired:
            return self._missing("no job has artifacts that have not expired")
        return self._missing("no job has artifacts")

    def _archive_chunks(self, job: PipelineJob) -> Generator[bytes]:
        try:
            return self._api.download(
                path("projects", self._order.project, "jobs", job.id, "artifacts")
            )
        except NotThere as error:
            raise self._missing(
                "the artifacts of job {job} have expired, or were deleted", job=job.name
            ) from error

    def _one_file(self) -> FetchedPackage:
        job, inner = self._job(), self._source.path
        where = path("projects", self._order.project, "jobs", job.id, "artifacts")
        try:
            chunks = self._api.download(where + path(*inner.split("/")))
        except NotThere as error:
            raise self._missing(
                "there is no {path} in the artifacts of job {job}, or they have expired",
                path=inner,
                job=job.name,
            ) from error
        return FetchedPackage(PurePosixPath(inner).name, chunks)

    @contextmanager
    def _archive_of(self, job: PipelineJob) -> Iterator[zipfile.ZipFile]:
        with tempfile.TemporaryFile(dir=self._scratch) as file:
            with closing(self._archive_chunks(job)) as chunks:
                self._copy(chunks, file)
            with self._as_archive(job):
                archive = zipfile.ZipFile(file)
            with archive:
                yield archive

    def _copy(self, chunks: Iterator[bytes], file: IO[bytes]) -> None:
        for chunk in chunks:
            try:
                file.write(chunk)
            except OSError as error:
                raise ServerTrouble(
                    "The artifacts from {server} cannot be kept here while a file is taken out of "
                    "them: {reason}.",
                    hint="Make room on this machine, or name the file in the build settings "
                    "without *: then only that one is fetched.",
                    server=self._api.server,
                    reason=error.strerror,
                ) from error
        file.seek(0)

    @contextmanager
    def _as_archive(self, job: PipelineJob) -> Iterator[None]:
        try:
            yield
        except (*_NO_ARCHIVE, EOFError, RuntimeError) as error:
            raise ServerTrouble(
                "The artifacts of job {job} on {server} are no archive that can be read.",
                hint="They are fetched again. If it stays so, build again.",
                server=self._api.server,
                job=job.name,
            ) from error

    def _taken_out(self, job: PipelineJob, archive: zipfile.ZipFile) -> FetchedPackage:
        """The one file that fits; all there are when no path is given."""
        pattern = self._source.path
        files = [entry for entry in archive.infolist() if not entry.is_dir()]
        found = [entry for entry in files if not pattern or fits(entry.filename, pattern)]
        if len(found) != 1:
            names = _listed(entry.filename for entry in found or files) or "–"
            if found:
                raise self._missing(
                    "{count} files fit {pattern} in the artifacts: {files}",
                    count=str(len(found)),
                    pattern=pattern or "*",
                    files=names,
                )
            raise self._missing(
                "no file fits {pattern} in the artifacts: {files}",
                pattern=pattern or "*",
                files=names,
            )
        name = PurePosixPath(found[0].filename).name
        return FetchedPackage(name, self._inside(job, archive, found[0]))

    def _inside(
        self, job: PipelineJob, archive: zipfile.ZipFile, entry: zipfile.ZipInfo
    ) -> Iterator[bytes]:
        left = self._order.size_limit
        with self._as_archive(job):
            file = archive.open(entry)
        with file:
            while piece := self._read(job, file):
                # What the archive says of its own sizes is not relied on.
                left -= len(piece)
                if left < 0:
                    raise ServerRefused(
                        "{path} in the artifacts has more than {limit} MiB, the most that is "
                        "allowed.",
                        hint="Is it the right file? The limit is size_limit in the service's "
                        "build settings.",
                        path=shown(entry.filename),
                        limit=round(self._order.size_limit / 1024**2, 1),
                    )
                yield piece

    def _read(self, job: PipelineJob, file: IO[bytes]) -> bytes:
        with self._as_archive(job):
            return file.read(PIECE)

    def _from_registry(self, pipeline: Mapping[str, Any]) -> FetchedPackage:
        name, file = self._source.package, self._source.path
        base = path("projects", self._order.project, "packages", "generic", name)
        versions = self._versions(pipeline)
        for version in versions:
            try:
                chunks = self._api.download(base + path(version) + path(*file.split("/")))
            except NotThere:
                continue
            except ServerRefused as error:
                if error.values.get("status") == 400:  # a tag that cannot be a version
                    continue
                raise
            return FetchedPackage(PurePosixPath(file).name, chunks)
        raise self._missing(
            "the registry has no {file} in {package} under one of the versions {versions}",
            file=file,
            package=name,
            versions=_listed(versions, most=len(versions)),
        )

    def _versions(self, pipeline: Mapping[str, Any]) -> Sequence[str]:
        """Only names that stay with this pipeline's commit: what lies under the name of a branch
        may be of a newer one by now."""
        commit = str(pipeline.get("sha") or self._order.commit)
        ref = _REF_PREFIX.sub("", str(pipeline.get("ref") or ""), count=1)
        candidates = (
            commit,
            commit[:8],  # CI_COMMIT_SHORT_SHA
            ref if pipeline.get("tag") is True else "",
            str(pipeline["id"]),
            self._order.correlation,
        )
        return list(dict.fromkeys(filter(None, candidates)))

    def _from_address(self, pipeline: Mapping[str, Any]) -> FetchedPackage:
        url = self._address()
        names = (self._order.project, str(pipeline.get("project_id") or self._order.project))
        try:
            chunks = self._api.download_named(url, ours=[path("projects", name) for name in names])
        except NotThere as error:
            raise self._missing(
                "nothing lies at the address in {name}", name=self._source.path
            ) from error
        name = PurePosixPath(unquote(urlsplit(url).path)).name
        return FetchedPackage(name or "package", chunks)

    def _address(self) -> str:
        """What the dotenv report of the job says. GitLab gives a report out only if it is among
        the artifacts as well, so it is looked for there."""
        name = self._source.path
        jobs = [job for job in self._jobs if job.has_dotenv and self._source.job in ("", job.name)]
        for job in (job for job in jobs if job.has_archive):
            with self._archive_of(job) as archive, self._as_archive(job):
                found = [
                    value
                    for entry in archive.infolist()
                    if entry.filename.endswith(".env") and entry.file_size <= _DOTENV_BYTES
                    for value in _values(archive.read(entry), name)
                ]
            if found:
                return found[-1]
        if not jobs:
            raise self._missing("no job has a dotenv report with {name}", name=name)
        raise self._missing(
            "no dotenv file with {name} is among the artifacts of {jobs}",
            hint="Name the file under artifacts: paths as well as under reports: dotenv, and let "
            "its name end in .env: GitLab gives reports out only there.",
            name=name,
            jobs=_listed(job.name for job in jobs),
        )

    def _missing(self, what: str, *, hint: str = "", **values: str | Sentence) -> PackageMissing:
        named = {k: shown(v, 400) if isinstance(v, str) else v for k, v in values.items()}
        return PackageMissing(
            "The package is not where it should be on {server}: {what}.",
            hint=hint
            or "The pipeline has the jobs {known}. Correct the build settings of {service}, or "
            "its .gitlab-ci.yml, and build again.",
            server=self._api.server,
            service=self._order.service,
            known=_listed((job.title for job in self._known), most=20) or "–",
            what=Sentence.of("package_missing", what, hint="", **named),
        )


def _listed(names: Iterator[str] | Sequence[str], most: int = _SHOWN) -> str | Sentence:
    shorter = [shown(name) for name in names]
    some, more = shown(", ".join(shorter[:most]), 400), len(shorter) - most
    if more <= 0:
        return some
    return Sentence.of("and_more", "{shown} and {more} more", shown=some, more=more)


def _values(dotenv: bytes, name: str) -> Iterator[str]:
    for line in dotenv.decode(errors="replace").splitlines():
        key, mark, value = line.partition("=")
        if mark and key.strip() == name:
            yield value.strip().strip("\"'")

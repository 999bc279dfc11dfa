"""Drives builds as a worker would, through the same operations, with no build server behind."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from django.db import transaction
from django.utils import timezone

from slipway.core.builds.happen import (
    BuildEvent,
    BuildHappening,
    BuildSeen,
    BuildStarted,
    BuildUnanswered,
)
from slipway.core.builds.seen import Commit, Finding, LogPiece
from slipway.core.builds.seen import Comparison as Found
from slipway.core.builds.state import SeenStatus
from slipway.core.release.packages import StoredPackage
from slipway.core.release.steps import PackageFormat, PackageRef
from slipway.core.words.sentence import Sentence, theirs
from slipway.core.words.versions import VersionStatus
from slipway.ports.builds import ServerTrouble
from slipway.records.accounts.rights import Actor
from slipway.records.builds.operations import (
    claims as build_claims,
)
from slipway.records.builds.operations import (
    course as build_course,
)
from slipway.records.builds.operations import (
    endings as build_endings,
)
from slipway.records.builds.operations.builds import request_build
from slipway.records.builds.operations.comparisons import (
    finish_comparison,
    list_comparisons_to_make,
)
from slipway.records.catalog.models import Build, BuildServer
from slipway.records.catalog.operations.servers import (
    claim_server_checks,
    create_server,
    finish_server_check,
)
from slipway.records.catalog.operations.services import change_service
from slipway.records.catalog.queries.services import get_service

COMMIT = "4f1c2d9ab07e6c3d8f1a2b3c4d5e6f7081920314"
GITLAB = "https://gitlab.example.com"
SERVER = "gitlab-main"
_ids = count(4711)


def build_with_gitlab(*services: str, **changes: object) -> BuildServer:
    """Let services be built by a GitLab."""
    by, now = Actor.system(), timezone.now()
    server = create_server(
        name=SERVER,
        kind="gitlab",
        base_url=GITLAB,
        credential="glpat-not-for-eyes",
        hook_secret="a-secret-of-webhooks",
        by=by,
        now=now,
    )
    for name in services:
        change_service(
            service=get_service(name),
            changes={
                "build_server": SERVER,
                "build_project": f"shop/{name}",
                "build": {
                    "package": {"from": "artifact", "job": "package", "path": "dist/app.tar.gz"},
                    "variables": {"TARGET": "linux"},
                    "accepts": ["CHANNEL"],
                    "timeout": "30m",
                    "refs": ["main", "release/*"],
                },
                **changes,
            },
            by=by,
            now=now,
        )
    return server


@dataclass(frozen=True)
class BuildDrive:
    """A build and the claim on it."""

    build_id: int
    claim: int

    @classmethod
    def ask(cls, service: str, by: Actor | None = None, **wish: object) -> "BuildDrive":
        """Ask for a build and claim it."""
        build = request_build(
            service=get_service(service),
            by=by or Actor.system(),
            now=timezone.now(),
            **wish,  # type: ignore[arg-type]
        )
        return cls.take(build)

    @classmethod
    def take(cls, build: Build) -> "BuildDrive":
        claim = build_claims.claim_build(build_id=build.pk, worker="test", now=timezone.now())
        assert claim is not None
        return cls(build.pk, claim)

    @property
    def build(self) -> Build:
        return Build.objects.select_related("version__service").get(pk=self.build_id)

    @property
    def page(self) -> str:
        """The address of its version."""
        version = self.build.version
        return f"/services/{version.service.name}/versions/{version.name}"

    def order(self) -> None:
        self._note(BuildHappening.ORDERED)

    def start(self) -> None:
        """The server has taken the order."""
        self.order()
        number = next(_ids)
        url = f"{GITLAB}/shop/billing/-/pipelines/{number}"
        self._note(BuildStarted(str(number)), url=url)

    def see(
        self,
        status: SeenStatus = SeenStatus.RUNNING,
        *,
        commit: str = COMMIT,
        says: str | Sentence = "",
        now: datetime | None = None,
    ) -> None:
        """The server says how far it is."""
        build = self.build
        said = says if isinstance(says, Sentence) else theirs(says)
        seen = BuildSeen(build.external_id, status, said)
        self._note(seen, now=now, url=build.version.build_url, commit=commit)

    def say(self, text: str) -> None:
        """It prints something."""
        piece = LogPiece(text, str(self.build.log_size + len(text)))
        build_course.append_log(build_id=self.build_id, claim=self.claim, piece=piece)

    def trouble(self, message: str = "{server} does not answer.", hint: str = "") -> None:
        problem = ServerTrouble(message, hint=hint, server=SERVER)
        self._note(BuildUnanswered(problem.sentence))

    def fetch(self) -> None:
        self._note(BuildHappening.FETCHING)

    def _note(self, event: BuildEvent, *, now: datetime | None = None, **more: str) -> None:
        build_course.note(
            build_id=self.build_id, claim=self.claim, event=event, now=now or timezone.now(), **more
        )

    @transaction.atomic
    def succeed(self, content: bytes = b"", size: int = 2_000_000) -> None:
        """Its package is in the store."""
        held = build_claims.held(self.build_id, self.claim)
        sha256 = hashlib.sha256(content or held.version.name.encode()).hexdigest()
        ref = PackageRef(sha256, size, PackageFormat.TAR_GZ, "app.tar.gz", 3 * size)
        stored = StoredPackage(ref, f"packages/{sha256}", "run: ./bin/app\n")
        build_endings.end_with_package(build=held, stored=stored, now=timezone.now())

    def finish(self, commit: str = COMMIT) -> None:
        """It ends well, and its package is brought here."""
        self.see(SeenStatus.SUCCESS, commit=commit)
        self.fetch()
        self.succeed()

    @transaction.atomic
    def fail(
        self,
        reason: str = "It failed on the build server.",
        status: VersionStatus = VersionStatus.FAILED,
        hint: str = "",
    ) -> None:
        held = build_claims.held(self.build_id, self.claim)
        why = Sentence.of("it_failed", reason, hint=hint)
        build_endings.end_without_package(build=held, status=status, reason=why, now=timezone.now())


def make_build(
    service: str = "billing", commit: str = COMMIT, by: Actor | None = None, **wish: object
) -> BuildDrive:
    """Bring a build to a good end."""
    drive = BuildDrive.ask(service, by, **wish)
    drive.start()
    drive.see(commit=commit)
    drive.say("building\n\x1b[32mdone\x1b[0m\n")
    drive.finish(commit)
    return drive


def answer_comparisons(*titles: str, total: int = 0) -> int:
    """Let all comparisons that wait find commits with these titles; returns how many waited."""
    now = timezone.now()
    waiting = list_comparisons_to_make(now=now, limit=100)
    for comparison in waiting:
        commits = tuple(
            Commit(
                id=hashlib.sha1(title.encode()).hexdigest(),
                title=title,
                author="Li Wei",
                at=now - timedelta(hours=number),
                url=f"{GITLAB}/shop/billing/-/commit/{number}",
            )
            for number, title in enumerate(titles, 1)
        )
        found = Found(commits, total or len(commits), f"{GITLAB}/shop/billing/-/compare/a...b")
        finish_comparison(comparison_id=comparison.id, found=found, now=now)
    return len(waiting)


def answer_checks(*findings: Finding) -> int:
    """Let all tests of build servers that wait find this; returns how many waited."""
    now = timezone.now()
    waiting = claim_server_checks(limit=100, now=now)
    for check in waiting:
        finish_server_check(check_id=check.id, findings=findings, now=now)
    return len(waiting)

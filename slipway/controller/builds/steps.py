"""One step of a build: ask the server, and write down what it said."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, assert_never

import structlog

from slipway.controller.worker import clock
from slipway.controller.worker.calls import Calls, Result
from slipway.controller.worker.desk import Desk
from slipway.controller.worker.failpoints import Point, reach
from slipway.core.builds.decide import Cancel, Fetch, Finish, LookAtBuild, Search, StartBuild
from slipway.core.builds.happen import (
    BuildEvent,
    BuildHappening,
    BuildSeen,
    BuildStarted,
    BuildUnanswered,
)
from slipway.core.builds.orders import BuildOrder, ServerKind
from slipway.core.builds.seen import LogPiece, SeenBuild
from slipway.core.builds.state import BuildStage, SeenStatus
from slipway.core.release.packages import StoredPackage
from slipway.core.words.refusal import Invalid, Refused
from slipway.core.words.sentence import Sentence
from slipway.core.words.versions import VersionStatus
from slipway.ports import PackageRefused, Packages
from slipway.ports.builds import (
    BuildGone,
    BuildServer,
    PackageMissing,
    ServerRefused,
    ServerTrouble,
    StartUnsure,
)
from slipway.records.builds.operations import course
from slipway.records.builds.operations.claims import ClaimLost, LoadedBuild

LOG_PIECES = 64  # fetched at one look, of at most 256 KiB each
Step = StartBuild | Search | LookAtBuild | Fetch | Cancel | Finish

log = structlog.get_logger()


class BuildSteps:
    """Each may be taken again: what it does on the server is looked for first, or harmless."""

    def __init__(
        self,
        *,
        desk: Desk,
        servers: Mapping[ServerKind, BuildServer],
        packages: Packages,
        calls: Calls,
    ) -> None:
        self.desk = desk
        self._servers = servers
        self._packages = packages
        self._calls = calls

    async def take(self, step: Step, build: LoadedBuild) -> None:
        """Do it and write it down. Raises ClaimLost."""
        act = _Act(self, build)
        try:
            await _do(step, act)
        except ClaimLost:
            raise
        except BuildGone as gone:
            await act.gone(gone)
        except course.KnownAlready as known:
            await act.end(VersionStatus.FAILED, known.sentence)
        except Refused as problem:
            await act.trouble(problem)

    async def call(self, kind: ServerKind, ask: Callable[[BuildServer], Result]) -> Result:
        """Ask the adapter of that kind, in a thread."""
        server = self._servers[kind]
        return await self._calls.run(lambda: ask(server))

    async def take_in(self, order: BuildOrder, build_id: str) -> StoredPackage:
        """Bring the package into the store: no row of ours names it yet."""

        def fetch(server: BuildServer) -> StoredPackage:
            with server.fetch(order, build_id) as fetched:
                return self._packages.ingest(fetched.chunks, filename=fetched.filename)

        return await self.call(order.access.kind, fetch)


async def _do(step: Step, act: "_Act") -> None:
    match step:
        case StartBuild():
            await act.start()
        case Search():
            await act.search()
        case LookAtBuild():
            await act.look()
        case Fetch():
            await act.fetch()
        case Cancel():
            await act.cancel()
        case Finish(status, reason):
            await act.finish(status, reason)
        case _:
            assert_never(step)


class _Act:
    """One step, of one build, under one claim."""

    def __init__(self, steps: BuildSteps, build: LoadedBuild) -> None:
        self._steps = steps
        self._build = build
        self._order = build.order
        self._state = build.state
        self._held = {"build_id": build.id, "claim": build.claim}

    async def start(self) -> None:
        reach(Point.BUILD_TAKEN)
        try:
            await self._resolve()
            if self._state.stage is not BuildStage.OVER:  # as a duplicate
                await self._start()
        except ServerRefused as refused:
            await self.end(VersionStatus.FAILED, refused.sentence)

    async def _start(self) -> None:
        await self._note(BuildHappening.ORDERED)
        reach(Point.BUILD_ORDERED)
        try:
            build_id = await self._ask(lambda server: server.start(self._order))
        except StartUnsure:
            await self._note(BuildHappening.UNSURE)
            raise
        except ServerTrouble:
            await self._note(BuildHappening.NOT_SENT)
            raise
        reach(Point.BUILD_STARTED)
        await self._note(BuildStarted(build_id))
        reach(Point.BUILD_WATCHED)

    async def _resolve(self) -> None:
        if self._order.commit:
            return
        if commit := await self._ask(lambda server: server.resolve(self._order)):
            self._order = replace(self._order, commit=commit)
            await self._note(None, commit=commit)

    async def search(self) -> None:
        found = await self._ask(lambda server: server.find(self._order))
        if found is None:
            await self._note(BuildHappening.NOTHING_FOUND)
            return
        await self._note(BuildStarted(found.id), url=found.url)
        await self._take_in(found)

    async def look(self) -> None:
        seen = await self._ask(lambda server: server.look(self._order, self._state.external_id))
        if await self._take_in(seen):
            await self._keep_log()

    async def _take_in(self, seen: SeenBuild) -> bool:
        """Write down what was seen; returns whether the build goes on by that."""
        was_over = self._state.stage is BuildStage.OVER
        if not was_over and (wrong := self._wrong_commit(seen)):
            await self._cancel_quietly(seen)
            await self.end(VersionStatus.FAILED, wrong)
            return False
        event = BuildSeen(seen.id, seen.status, seen.says)
        await self._note(event, url=seen.url, commit=seen.commit)
        goes_on = self._state.stage is not BuildStage.OVER
        if not goes_on and not was_over:  # its commit, known only now, is built already
            await self._cancel_quietly(seen)
        return goes_on

    def _wrong_commit(self, seen: SeenBuild) -> Sentence | None:
        asked = self._build.commit_asked
        if not asked or not seen.commit or seen.commit.startswith(asked):
            return None
        return Sentence.of(
            "wrong_commit",
            "The commit {asked} was asked for, and the server builds {built}.",
            hint="Build the ref again, or ask for it alone.",
            asked=asked[:12],
            built=seen.commit[:12],
        )

    async def fetch(self) -> None:
        if self._state.stage is not BuildStage.FETCHING:
            await self._keep_log()
            await self._note(BuildHappening.FETCHING)
        reach(Point.BUILD_SEEN)
        try:
            stored = await self._steps.take_in(self._order, self._state.external_id)
            reach(Point.BUILD_FETCHED)
            await self._write(course.finish_with_package, stored=stored, now=clock.now())
        except (PackageMissing, PackageRefused, Invalid) as problem:
            await self.end(VersionStatus.FAILED, problem.sentence)
            return
        reach(Point.BUILD_MADE)

    async def cancel(self) -> None:
        await self._ask(lambda server: server.cancel(self._order, self._state.external_id))
        await self._note(BuildHappening.CANCELLED)

    async def finish(self, status: VersionStatus, reason: Sentence) -> None:
        await self._keep_log()
        build = self._state
        says = build.says if build.seen in (SeenStatus.FAILED, SeenStatus.CANCELLED) else None
        if build.trouble or build.stage is BuildStage.ORDERED:
            says = build.problem
        await self.end(status, _because(reason, says, build.problem))

    async def gone(self, problem: BuildGone) -> None:
        if self._state.stage is BuildStage.OVER:
            await self._note(BuildHappening.FORGOTTEN)
        else:
            await self.end(VersionStatus.FAILED, problem.sentence)

    async def trouble(self, problem: Refused) -> None:
        log.info("build_server_trouble", build=self._build.id, problem=problem.message)
        retry_after = problem.retry_after if isinstance(problem, ServerTrouble) else None
        await self._note(BuildUnanswered(problem.sentence, retry_after))

    async def end(self, status: VersionStatus, reason: Sentence) -> None:
        await self._write(
            course.finish_without_package, status=status, reason=reason, now=clock.now()
        )

    async def _cancel_quietly(self, seen: SeenBuild) -> None:
        if seen.status.is_over or not self._state.ours:
            return
        try:
            await self._ask(lambda server: server.cancel(self._order, seen.id))
        except Refused as problem:
            log.info("build_not_cancelled", build=self._build.id, problem=problem.message)

    async def _keep_log(self) -> None:
        """What it printed is worth having and never in the way of anything."""
        position = self._build.log_position
        if not self._state.external_id or self._build.log_size >= course.LONGEST_LOG:
            return
        try:
            for _ in range(LOG_PIECES):
                piece = await self._piece(position)
                if not piece.text or not await self._write(course.append_log, piece=piece):
                    return
                position = piece.position
        except ClaimLost:
            raise
        except Refused as problem:
            log.info("build_log_not_read", build=self._build.id, problem=problem.message)

    async def _piece(self, position: str) -> LogPiece:
        return await self._ask(
            lambda server: server.log(self._order, self._state.external_id, position)
        )

    async def _ask(self, ask: Callable[[BuildServer], Result]) -> Result:
        return await self._steps.call(self._order.access.kind, ask)

    async def _note(self, event: BuildEvent | None, **more: str) -> None:
        self._state = await self._write(course.note, event=event, now=clock.now(), **more)

    async def _write(self, operation: Callable[..., Result], /, **values: Any) -> Result:
        return await self._steps.desk.run(partial(operation, **self._held, **values))


def _because(reason: Sentence, said: Sentence | None, problem: Sentence | None) -> Sentence:
    """Return the reason with what was said, and with the advice of the last problem."""
    advice = problem.advice if problem else None
    if not said and advice is None:
        return reason
    return Sentence.of(
        reason.code,
        "{reason} {said}" if said else "{reason}",
        hint="{advice}" if advice else "",
        reason=reason,
        said=said or "",
        advice=advice or "",
    )

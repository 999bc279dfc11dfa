"""Builds by command: the worker itself checks out a repository and runs one command in it."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from slipway.adapters.builds.command.checks import check_reach, findings
from slipway.adapters.builds.command.enclosure.isolation import PATH, PROGRAM, Isolation, bounded
from slipway.adapters.builds.command.orders import check_order
from slipway.adapters.builds.command.packages import open_package
from slipway.adapters.builds.command.places import BuildFolder, Workshop
from slipway.adapters.builds.command.processes.tree import end_leftovers
from slipway.adapters.builds.command.processes.users import BuildUser, free_user, ourselves
from slipway.adapters.builds.command.repository.history import compare
from slipway.adapters.builds.command.repository.repositories import find_commit, locate
from slipway.adapters.builds.command.running import runner
from slipway.adapters.builds.command.running.jobs import CommandJob
from slipway.adapters.builds.command.running.log import read_piece
from slipway.adapters.builds.command.running.supervision import GRACE
from slipway.adapters.folder_lock import folder_locked
from slipway.core.builds.orders import BuildOrder, ServerAccess
from slipway.core.builds.seen import Comparison, FetchedPackage, Finding, LogPiece, SeenBuild
from slipway.core.builds.state import SeenStatus
from slipway.core.words.names import shown
from slipway.core.words.sentence import Sentence, theirs
from slipway.ports.builds import BuildGone, ServerTrouble, StartUnsure

TAKEN_WITHIN = 60.0  # seconds for a runner to take its build
LEFT_FOR = timedelta(days=2)  # longer than a late success is looked for
ENDED_WITHIN = GRACE + 5  # seconds
_INTERRUPTED = Sentence.of("build_interrupted", "The build was interrupted.")
_SILENT = Sentence.of("runner_silent", "it says nothing")


class CommandServer:
    """The build server that this machine is. A build's id is `machine/correlation`: only a worker
    on the same machine, with the same folder, can look after it.

    Each build has a folder of its own in `folder` and a runner, a process that outlives the one
    that started it. Old folders are removed by `tidy`; `start` keeps no more than the youngest
    that are over.
    """

    def __init__(
        self, folder: Path, isolation: Isolation | None = None, *, at_once: int = 0
    ) -> None:
        """`at_once`: how many run at the same time, 0 for one a processor (at least two)."""
        # Inside an enclosure no link of the machine leads anywhere.
        self._workshop = Workshop(folder.resolve())
        self._isolation = isolation or Isolation()
        self._isolation.hidden = (*self._isolation.hidden, str(self._workshop.folder))
        self._at_once = at_once or max(2, os.cpu_count() or 2)

    def test(self, access: ServerAccess, project: str = "") -> tuple[Finding, ...]:
        return findings(self._workshop, access, self._isolation, project)

    def resolve(self, order: BuildOrder) -> str:
        return find_commit(locate(order.access, order.project), order.ref)

    def start(self, order: BuildOrder) -> str:
        """Started twice, it runs once. Raises ServerTrouble while too many run already, StartUnsure
        when its runner does not say that it has begun."""
        check_order(order)
        repository = locate(order.access, order.project)
        enclosed = self._isolation.encloses(order.service, network=order.network)
        place = self._workshop.place(order.correlation)
        with self._usable_folder():
            if place.note is None:
                self._wait_for_room()
                self._workshop.make(place)
                user = self._choose_user(place)
                check_reach(self._workshop.folder, user)
                job = CommandJob.of(order, repository, user, self._isolation, enclosed=enclosed)
                _launch(place, job)
            self._workshop.sweep_surplus()
            return f"{self._workshop.machine()}/{order.correlation}"

    def find(self, order: BuildOrder) -> SeenBuild | None:
        place = self._workshop.place(order.correlation)
        if place.note is None:
            return None
        return self.look(order, f"{self._workshop.machine()}/{order.correlation}")

    def look(self, order: BuildOrder, build_id: str) -> SeenBuild:
        place = self._known(build_id)
        note = place.note or {}
        # In this order: one that ends between the two questions has left its result.
        is_running = place.is_running()
        result = place.result
        if result is not None:
            status = SeenStatus(str(result["status"]))
        elif is_running:
            status, result = SeenStatus.RUNNING, {"says": note.get("doing")}
        else:
            status, result = SeenStatus.FAILED, {"says": _INTERRUPTED.as_json()}
            end_leftovers(f"SLIPWAY_BUILD={place.folder.name}", f"HOME={place.home}")
        return SeenBuild(
            id=build_id,
            status=status,
            ref=str(note.get("ref") or ""),
            commit=str(result.get("commit") or note.get("commit") or ""),
            correlation=place.folder.name,
            says=_sentence(result.get("says")),
            started_at=_moment(note.get("started_at")),
            finished_at=_moment(result.get("finished_at")),
        )

    def log(self, order: BuildOrder, build_id: str, position: str) -> LogPiece:
        place = self._known(build_id)
        return read_piece(place.log, position, over=not place.is_under_way())

    @contextmanager
    def fetch(self, order: BuildOrder, build_id: str) -> Iterator[FetchedPackage]:
        place = self._known(build_id)
        with open_package(place.source, order.source, order.service) as package:
            yield package

    def cancel(self, order: BuildOrder, build_id: str) -> None:
        """Its runner sees the wish, and ends all that it has started: asked first, then by force.
        No signal is sent to it, which could meet a process that has taken its number. Waits for
        the end, for a few seconds: whoever looks next should see it."""
        machine, place = self._split(build_id)
        if not self._workshop.is_here(machine):
            raise ServerTrouble(
                "The build runs on {machine}; only a worker there can end it.",
                hint="Is the worker on {machine} running?",
                machine=shown(machine),
            )
        if place.is_under_way():
            place.cancel.touch()
            patient_until = time.monotonic() + ENDED_WITHIN
            while place.is_under_way() and time.monotonic() < patient_until:
                time.sleep(0.05)

    def list_recent(self, order: BuildOrder, since: datetime) -> tuple[SeenBuild, ...]:
        """None: nobody but we builds here."""
        return ()

    def compare(self, order: BuildOrder, base: str, head: str) -> Comparison:
        return compare(locate(order.access, order.project), base, head)

    def tidy(self, now: datetime) -> None:
        self._workshop.sweep(LEFT_FOR, now)

    @contextmanager
    def _usable_folder(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ServerTrouble(
                "{path} cannot be used for builds on {machine}: {reason}.",
                hint="Make room there, or let the worker write there; or name another folder in "
                "the worker's SLIPWAY_BUILDS. It is tried again.",
                path=shown(str(error.filename or self._workshop.folder), 300),
                machine=shown(platform.node()),
                reason=error.strerror or type(error).__name__,
            ) from error

    def _wait_for_room(self) -> None:
        running = sum(place.is_under_way() for place in self._workshop.places())
        if running >= self._at_once:
            raise ServerTrouble(
                "{running} builds run on {machine} already: this one waits.",
                hint="It is begun as soon as one of them has ended.",
                running=running,
                machine=self._workshop.machine(),
            )

    def _choose_user(self, place: BuildFolder) -> BuildUser:
        """One that no build has whose folder is here: it could read what that has left."""
        if os.geteuid() != 0:
            return ourselves()
        with folder_locked(self._workshop.folder):
            number = place.number
            if number is None:
                numbers = (each.number for each in self._workshop.places())
                taken = {number for number in numbers if number is not None}
                number = free_user(self._isolation.numbers, taken, self._workshop.folder).uid
                place.write_number(number)
        return BuildUser(number, number)

    def _known(self, build_id: str) -> BuildFolder:
        machine, place = self._split(build_id)
        if not self._workshop.is_here(machine):
            raise BuildGone(
                "The build ran on {machine}; this worker is on {here} and knows nothing of it.",
                hint="Start it again, or have a worker on {machine} look after it.",
                machine=shown(machine),
                here=self._workshop.machine(),
            )
        if place.note is None:
            raise BuildGone(
                "The folder of build {build} is not on {here} any more.",
                hint="Build it again: folders of builds are kept for a while only.",
                build=place.folder.name,
                here=self._workshop.machine(),
            )
        return place

    def _split(self, build_id: str) -> tuple[str, BuildFolder]:
        machine, _, correlation = build_id.rpartition("/")
        return machine, self._workshop.place(correlation)


def _launch(place: BuildFolder, job: CommandJob) -> None:
    """Start the runner: in a session of its own, with nothing of ours but the job."""
    command = bounded(
        [sys.executable, "-m", runner.__name__, str(place.folder)],
        memory=job.memory_limit,
        processes=job.process_limit,
    )
    environment = {"PATH": PATH, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    log = os.open(place.runner_log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = subprocess.Popen(
            command,
            cwd=PROGRAM,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    finally:
        os.close(log)
    with process:
        try:
            process.communicate(job.to_bytes(), timeout=TAKEN_WITHIN)
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise StartUnsure(
                "The build's runner did not begin within {seconds} s.",
                hint="Is this worker's machine overloaded? See {log}.",
                seconds=int(TAKEN_WITHIN),
                log=str(place.runner_log),
            ) from error
    if process.returncode != 0 and place.note is None:
        raise ServerTrouble(
            "The build's runner did not begin: {reason}.",
            hint="See {log} on this worker.",
            reason=_last_line(place.runner_log),
            log=str(place.runner_log),
        )


def _last_line(path: Path) -> str | Sentence:
    lines = path.read_text("utf-8", "replace").split("\n")
    return shown(next((line for line in reversed(lines) if line.strip()), ""), 200) or _SILENT


def _sentence(said: object) -> Sentence | None:
    """Return what a runner has written down; one of an earlier release has left a text."""
    return Sentence.from_json(said) if isinstance(said, dict) else theirs(str(said or ""))


def _moment(value: object) -> datetime | None:
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int | float) else None

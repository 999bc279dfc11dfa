"""The work of one build by command: check out, run the command, say how it ended."""

import json
import os
import resource
import signal
import sys
import time
import traceback
from dataclasses import replace
from typing import NoReturn

from slipway.adapters.builds.command.enclosure.enclosure import (
    HOME,
    MOST_SHARED,
    SCRATCH,
    SOURCE,
    Enclosure,
)
from slipway.adapters.builds.command.places import BuildFolder
from slipway.adapters.builds.command.processes.tree import (
    die_with_parent,
    go_first,
    hide,
    renounce_rights,
)
from slipway.adapters.builds.command.repository.checkout import check_out
from slipway.adapters.builds.command.running.jobs import CommandJob
from slipway.adapters.builds.command.running.log import LogWriter
from slipway.adapters.builds.command.running.supervision import (
    OUR_OWN,
    BuildLimits,
    ProcessEnded,
    ProcessSupervisor,
    Reason,
)
from slipway.core.builds.state import SeenStatus
from slipway.core.words.durations import format_duration
from slipway.core.words.names import shown
from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence

BEGINS = Sentence.of("build_begins", "it begins")
_CHECKING_OUT = Sentence.of("checking_out", "checking out")
MIB = 1024**2
_NOT_CHECKED_OUT = Sentence.of("checkout_failed", "The checkout failed: see the log.")
_WELL = Sentence.of("command_well", "Its command ended well.")
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126  # as shells say it


class Work:
    def __init__(
        self, place: BuildFolder, job: CommandJob, lock: int, *, started_at: float
    ) -> None:
        self._place = place
        self._job = job
        self._started_at = started_at
        self._runner = os.getpid()
        self._log = LogWriter(place.log)
        self._limits = BuildLimits(
            place,
            seconds=job.time_limit,
            size=job.size_limit,
            memory=job.memory_limit,
            processes=job.process_limit,
        )
        self._supervisor = ProcessSupervisor(self._log, self._limits, hidden=lock)

    def interrupt(self, number: int, frame: object) -> None:
        """For signals: the machine goes down, say."""
        self._limits.signalled = True

    def write_note(self, doing: Sentence) -> None:
        self._place.write_note(
            pid=os.getpid(),
            service=self._job.service,
            ref=self._job.ref,
            commit=self._job.commit,
            started_at=self._started_at,
            doing=doing.as_json(),
        )

    def do(self) -> None:
        try:
            status, says = self._steps()
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            status = SeenStatus.FAILED
            why = shown(repr(error), 200)
            says = Sentence.of("runner_failed", "The runner failed: {error}.", error=why)
        self._log.say(says.english)
        self._log.finish()
        self._place.write_result(
            status=status.value,
            says=says.as_json(),
            commit=self._job.commit,
            started_at=self._started_at,
            finished_at=time.time(),
        )

    def _steps(self) -> tuple[SeenStatus, Sentence]:
        self._prepare()
        self._log.say(f"Checking out {self._job.ref} of {self._job.repository.url}.")
        self.write_note(_CHECKING_OUT)
        ended = self._supervisor.run(self._check_out)
        told = json.loads(ended.told) if ended.told else {}
        if ended.reason or ended.status or "commit" not in told:
            error = Sentence.from_json(told["error"]) if "error" in told else _NOT_CHECKED_OUT
            return self._bad_end(ended, error)
        self._job = replace(self._job.without_credential(), commit=told["commit"])
        if reason := self._limits.broken():  # it ended just then
            return self._bad_end(replace(ended, reason=reason), _NOT_CHECKED_OUT)
        line = shown(" ".join(self._job.command), 200)
        self._log.say(f"At commit {self._job.commit}, {self._kept_apart()}. Running: {line}")
        self.write_note(Sentence.of("running_command", "running {command}", command=line))
        ended = self._supervisor.run(self._run_command)
        if ended.reason or ended.status or self._limits.is_too_large():
            return self._bad_end(ended, _how_it_ended(ended.status))
        return SeenStatus.SUCCESS, _WELL

    def _kept_apart(self) -> str:
        user = self._job.user
        if not self._job.enclosed:
            return f"as user {user}, NOT isolated (SLIPWAY_UNISOLATED_BUILDS)"
        network = "the machine's network" if self._job.network else "no network"
        return f"as user {'nobody' if user.is_us else user} in namespaces, with {network}"

    def _prepare(self) -> None:
        place, user = self._place, self._job.user
        if not user.is_us:
            place.folder.chmod(0o711)  # its user has to get through to its own folders in there
        for folder in (place.source, place.home, place.scratch):
            folder.mkdir(mode=0o700)
        for folder in (place.home, place.scratch):
            user.owns(folder)

    def _bad_end(self, ended: ProcessEnded, says: Sentence) -> tuple[SeenStatus, Sentence]:
        reason = ended.reason
        if reason is None and self._limits.is_too_large():
            # A file that reaches the limit is cut off by the kernel, sooner than we measure.
            reason = Reason.SIZE
        if reason is Reason.CANCELLED:
            return SeenStatus.CANCELLED, Sentence.of("build_cancelled", "It was cancelled.")
        return SeenStatus.FAILED, says if reason is None else self._why_ended(reason)

    def _why_ended(self, reason: Reason) -> Sentence:
        job = self._job
        match reason:
            case Reason.TIME:
                template = "It did not end within {limit} and was ended."
                return Sentence.of("build_too_long", template, limit=format_duration(job.limit))
            case Reason.SIZE:
                template = "Its folder reached {limit} MiB, the most it may have (size_limit)."
                return Sentence.of("build_too_large", template, limit=job.size_limit // MIB)
            case Reason.MEMORY:
                template = "Its processes held over {limit} MiB (memory_limit)."
                return Sentence.of("build_memory", template, limit=job.memory_limit // MIB)
            case Reason.PROCESSES:
                template = "It had over {limit} processes (process_limit)."
                return Sentence.of("build_processes", template, limit=job.process_limit)
            case _:
                template = "The build was interrupted: its machine was going down."
                return Sentence.of("build_machine_down", template)

    # --- in a process of their own -----------------------------------------------------------

    def _check_out(self, tell: int) -> NoReturn:
        job = self._job
        hide()
        os.umask(0o022)
        self._limit_files()
        os.environ["HOME"] = str(self._place.home)  # no git settings but the repository's
        try:
            commit = check_out(job.repository, job.ref, job.commit, self._place.source, job.user)
            _tell(tell, commit=commit)
            status = 0
        except Refused as error:
            said = error.sentence.with_advice.bounded(lambda text: shown(text, 1000))
            _tell(tell, error=said.as_json())
            status = 1
        os._exit(status)

    def _run_command(self, tell: int) -> NoReturn:
        os.close(tell)
        job, place = self._job, self._place
        if not job.enclosed:
            go_first()
            os.chdir(place.source)
            job.user.become()
            die_with_parent(self._runner)
            self._become_command(str(place.home), str(place.scratch))
        enclosure = Enclosure(
            source=str(place.source),
            home=str(place.home),
            scratch=str(place.scratch),
            readable=job.readable,
            hidden=job.hidden,
            network=job.network,
            user=job.user,
            shared=min(MOST_SHARED, job.memory_limit // 4),
        )
        enclosure.run(self._begin_inside, self._runner)

    def _begin_inside(self) -> NoReturn:
        os.chdir(SOURCE)
        # Before the change of user, whose own processes are counted: there are no others of it.
        most = self._job.process_limit + OUR_OWN
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
        self._job.user.become()
        self._become_command(HOME, SCRATCH)

    def _become_command(self, home: str, scratch: str) -> NoReturn:
        command = self._job.command
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)  # Python ignores them, and it would be inherited
        os.umask(0o022)
        renounce_rights()
        self._limit_files()
        limit = self._job.memory_limit
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        try:
            os.execvpe(command[0], command, self._job.environment(home, scratch))
        except FileNotFoundError:
            print(f"[slipway] There is no command {command[0]!r}.", file=sys.stderr)
            status = _NOT_FOUND
        except OSError as error:
            print(f"[slipway] {command[0]!r} cannot be run: {error}.", file=sys.stderr)
            status = _NOT_EXECUTABLE
        sys.stderr.flush()
        os._exit(status)

    def _limit_files(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (self._job.size_limit, self._job.size_limit))


def _tell(descriptor: int, **words: object) -> None:
    os.write(descriptor, json.dumps(words).encode())


def _how_it_ended(status: int) -> Sentence:
    if status >= 0:
        template = "Its command ended with exit status {code}."
        return Sentence.of("command_ended", template, code=status)
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = str(-status)
    return Sentence.of("command_signal", "Its command was ended by signal {signal}.", signal=name)

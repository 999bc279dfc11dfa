"""How a chain ended on a host, read from its answer: for which reason, and whose fault it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slipway.core.hosts.seen import Observation, Outcome, Report
from slipway.core.release.operations import DISTURBING
from slipway.core.release.steps import PORT_HELD
from slipway.core.rollout.told.health_words import last_of_probe
from slipway.core.rollout.told.host_words import LONGEST_WORDS, sentence_of_line
from slipway.core.rollout.value.looks import ChainReport
from slipway.core.rollout.value.words import Cause
from slipway.core.words.sentence import Sentence

TIMED_OUT = 124
HOSTILE = 65
NO_PACKAGE = 66
NO_SYSTEMD = 69
NEVER_HEALTHY = 70
CANNOT_WRITE = 73
NO_RIGHT = 77
# What these say lies with the host, whatever the version.
_HOSTS_FAULT = frozenset({NO_SYSTEMD, CANNOT_WRITE, NO_RIGHT, PORT_HELD})
TIDYING = "prune"


@dataclass(frozen=True, slots=True)
class Chained:
    """A step of a chain as it was sent, and how it ended as far as is known."""

    name: str
    ticket: str
    exit_code: int | None = None
    output: str = ""
    interrupted: bool = False


def report_of(chain: str, steps: Sequence[Chained], about: Mapping[str, object]) -> ChainReport:
    """Return how a chain stands by the results that were heard: it ended at its first failure, or
    with its last step. `about` fills the sentence: place, host, version."""
    for step in steps:
        if step.interrupted:
            return _report(chain, steps, step, Outcome.INTERRUPTED, about)
        if step.exit_code is None:
            return ChainReport(chain, Outcome.RUNNING, _has_disturbed(steps, step))
        if step.name == TIDYING:
            continue  # what could not be tidied up is told, and never a target's end
        if step.exit_code == NO_PACKAGE:
            return _report(chain, steps, step, Outcome.INTERRUPTED, about)
        if step.exit_code != 0:
            return _report(chain, steps, step, Outcome.FAILED, about)
    return ChainReport(chain, Outcome.DONE)


def report_from_look(
    chain: str, steps: Sequence[tuple[str, str]], reports: Sequence[Report]
) -> ChainReport | None:
    """Return how a chain stands by what a look reported on its tickets; None: it never came.

    It says no more than whether there is something to join: how steps ended is heard in joining.
    """
    known = {report.ticket: report for report in reports}
    mine = [known[ticket] for _, ticket in steps if ticket in known]
    if not mine:
        return None
    begun = [name for name, ticket in steps if ticket in known]
    return ChainReport(chain, Outcome.RUNNING, any(name in DISTURBING for name in begun))


def _has_disturbed(steps: Sequence[Chained], upto: Chained) -> bool:
    """Whether a step that can change what serves has begun; a chain ends at its first failure, so
    those behind it have not."""
    begun = steps[: list(steps).index(upto) + 1]
    return any(step.name in DISTURBING for step in begun)


def _report(
    chain: str,
    steps: Sequence[Chained],
    step: Chained,
    outcome: Outcome,
    about: Mapping[str, object],
) -> ChainReport:
    code = step.exit_code or 0
    fault = Cause.VERSION
    if code in _HOSTS_FAULT or (code == NO_PACKAGE and not step.interrupted):
        fault = Cause.HOST
    return ChainReport(chain, outcome, _has_disturbed(steps, step), fault, problem_of(step, about))


_SENTENCES = {
    TIMED_OUT: (
        "timed_out",
        "{place}: {step} did not end in time and was stopped.",
        "Read the step's output; give it a longer timeout in slipway.yaml if it needs one.",
    ),
    HOSTILE: (
        "not_unpacked",
        "{place}: the package was not unpacked.",
        "Build the package again without what is named here.",
    ),
    NO_PACKAGE: (
        "no_package",
        "{place}: the package did not arrive whole.",
        "Retry the rollout; if it happens again look at the host's disk.",
    ),
    NEVER_HEALTHY: (
        "never_healthy",
        "{place}: {version} did not become healthy.",
        "Read the service's own log on the host; the step's output says what was tried.",
    ),
    PORT_HELD: (
        "port_held_there",
        "{place}: its port is held by something that is not ours.",
        "End what holds it, or choose another port; then retry.",
    ),
}
_INTERRUPTED = (
    "interrupted",
    "{place}: {step} was interrupted on the host, which may have been restarted.",
    "Look at the host, then retry the rollout.",
)
_MEND = "Read the step's output, mend the cause, then retry the rollout or roll it back."
_OTHER = (
    "step_failed",
    "{place}: {step} failed with exit status {status}.",
    _MEND,
)
_NOT_RUN = (
    "step_failed",
    "{place}: {step} failed: its command cannot be run (exit status {status}).",
    "Is it executable, and does its first line name a program of the host? Then retry.",
)
_NOT_FOUND = (
    "step_failed",
    "{place}: {step} failed: a command was not found (exit status {status}).",
    "Bring it in the package, or install it on the host; then retry.",
)
_KILLED = (
    "step_failed",
    "{place}: {step} was ended by signal {signal} (exit status {status}).",
    _MEND,
)
_BY_SIGNAL = 128
_SIGNALS = range(1, 65)


def _sentence_of(status: int) -> tuple[str, str, str]:
    """Return code, template and hint of what an exit status means, in words where it has any."""
    other = {126: _NOT_RUN, 127: _NOT_FOUND}.get(status, _OTHER)
    if status - _BY_SIGNAL in _SIGNALS:
        other = _KILLED
    return _SENTENCES.get(status, other)


def problem_of(step: Chained, about: Mapping[str, object]) -> Sentence:
    """Return what went wrong in a step, with its own last words where it had any."""
    if step.interrupted:
        code, template, hint = _INTERRUPTED
    else:
        code, template, hint = _sentence_of(step.exit_code or 0)
    status = step.exit_code or 0
    values = {"step": step.name, "status": status, **about}
    if template is _KILLED[1]:
        values["signal"] = status - _BY_SIGNAL
    problem = Sentence(code, template, tuple(sorted(values.items())), hint)
    line = _last_line(step.output)
    if not line:
        return problem
    said = line[:LONGEST_WORDS]
    if told := last_of_probe(said):
        return Sentence.of(code, "{problem} {told}", hint=hint, problem=problem, told=told)
    words = sentence_of_line(line) or said
    return Sentence.of(code, "{problem} It said: {said}", hint=hint, problem=problem, said=words)


def _last_line(output: str) -> str:
    """Return the last line that says something; "" where there is none."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else ""


# --- what would make a start fail ----------------------------------------------------------------

ROOM = 2  # times the unpacked size that must be free: the release, and what is on its way
LEAST_INODES = 1_000


def obstacle_in(
    seen: Observation, *, host: str, root: str, version: str, package_size: int
) -> Sentence | None:
    """Return why a host cannot take what a place needs; nothing was touched. Sizes in bytes."""
    if not seen.root_writable:
        return Sentence.of(
            "read_only",
            "{root} cannot be written to.",
            hint="Is the file system read-only, or owned by somebody else? Mend it, then retry.",
            host=host,
            root=root,
        )
    if not package_size or any(name == version for name, _ in seen.releases):
        return None
    needed = ROOM * package_size
    if seen.disk_free < needed:
        return Sentence.of(
            "disk_full",
            "{free} MB free under {root}, {needed} MB needed.",
            hint="Free some room (old releases, logs), then retry.",
            host=host,
            root=root,
            free=seen.disk_free // 2**20,
            needed=-(-needed // 2**20),
        )
    if 0 <= seen.inodes_free < LEAST_INODES:
        return Sentence.of(
            "no_inodes",
            "{free} inodes free under {root}: no room for more files.",
            hint="Remove what made so many small files, then retry.",
            host=host,
            root=root,
            free=seen.inodes_free,
        )
    return None

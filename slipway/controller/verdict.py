"""What the end of a step, and what is seen afterwards, mean for a target."""

from slipway.core.kinds import RolloutKind
from slipway.core.refusal import Refused
from slipway.core.seen import Observation, SeenInstance
from slipway.core.sentence import Sentence
from slipway.ports import (
    HostIncapable,
    TicketResult,
)
from slipway.records.rollouts.course import TargetCourse

TIMED_OUT = 124
CANCELLED = 143
HOSTILE = 65
NO_PACKAGE = 66
NEVER_HEALTHY = 70
ROOM = 2  # times the unpacked size that must be free: the release, and what is on its way
LEAST_INODES = 1_000


class StepFailed(Refused):
    """A step ended badly on its host."""

    code = "step_failed"


class NotAsWanted(Refused):
    """All steps ended well, and yet the host is not as it should be."""

    code = "not_as_wanted"


_SENTENCES = {
    TIMED_OUT: (
        "{host}: {step} did not end in time and was stopped.{said}",
        "Read the step's output; give it a longer timeout in slipway.yaml if it needs one.",
    ),
    CANCELLED: ("{host}: {step} was cancelled.{said}", "Retry the rollout, or roll it back."),
    HOSTILE: (
        "{host}: the package was not unpacked.{said}",
        "Build the package again without what is named here.",
    ),
    NO_PACKAGE: (
        "{host}: the package did not arrive whole.{said}",
        "Retry the rollout; if it happens again look at the host's disk.",
    ),
    NEVER_HEALTHY: (
        "{host}: {version} did not become healthy.{said}",
        "Read the service's own log on the host; the step's output says what was tried.",
    ),
}
_NO_LINK = Sentence.of("no_link", "it has no current release")
_NOTHING_RUNS = Sentence.of("nothing_runs", "nothing runs")
_OTHER = (
    "{host}: {step} failed with exit status {code}.{said}",
    "Read the step's output, mend the cause, then retry the rollout or roll it back.",
)


def problem_of(target: TargetCourse, step: str, result: TicketResult) -> Refused | None:
    """What went wrong in a step; None when nothing did."""
    if result.exit_code == 0 and not result.interrupted:
        return None
    message, hint = _SENTENCES.get(result.exit_code, _OTHER)
    if result.interrupted:
        message = "{host}: {step} was interrupted on the host, which may have been restarted.{said}"
        hint = "Look at the host, then retry the rollout."
    return StepFailed(
        message,
        hint=hint,
        host=target.host,
        step=step,
        version=target.to_version or target.from_version,
        code=result.exit_code,
        said=_last_words(result.output),
    )


def _last_words(output: str) -> Sentence | str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return Sentence.of("said_last", " It said: {words}", words=lines[-1][:300]) if lines else ""


def find(seen: Observation, instance: str) -> SeenInstance | None:
    """The instance in what was seen of a host."""
    return next((one for one in seen.instances if one.instance == instance), None)


def contradiction(target: TargetCourse, seen: SeenInstance | None) -> Refused | None:
    """Why what is seen is not what the target was to become; None when it is."""
    wanted = target.to_version or target.from_version
    running = seen.running_version if seen else ""
    link = seen.link if seen else ""
    match target.action:
        case RolloutKind.DELETE if running or link:
            return _not_as_wanted(target, Sentence.of("there", "it is still there"), wanted)
        case RolloutKind.STOP if running:
            found = Sentence.of("still_runs", "{running} still runs", running=running)
            return _not_as_wanted(target, found, wanted)
        case RolloutKind.DELETE | RolloutKind.STOP:
            return None
        case _ if link != wanted:
            found = Sentence.of("links_to", "its current release is {link}", link=link)
            return _not_as_wanted(target, found if link else _NO_LINK, wanted)
        case _ if running != wanted:
            found = Sentence.of("what_runs", "what runs is {running}", running=running)
            return _not_as_wanted(target, found if running else _NOTHING_RUNS, wanted)
    return None


def _not_as_wanted(target: TargetCourse, found: Sentence, wanted: str) -> NotAsWanted:
    return NotAsWanted(
        "{host}: after {action} to {wanted}, {found}.",
        hint="Look at the host: somebody or something else may have changed it. Then retry.",
        host=target.host,
        action=target.action.value,
        wanted=wanted,
        found=found,
    )


def check_room(target: TargetCourse, seen: Observation) -> None:
    """Raises HostIncapable when the host cannot take what the target needs; nothing was touched."""
    if not seen.root_writable:
        raise HostIncapable(
            "{host}: {root} cannot be written to.",
            hint="Is the file system read-only, or owned by somebody else? Mend it, then retry.",
            host=target.host,
            root=target.access.root,
        )
    package = target.package
    if package is None or any(version == target.to_version for version, _ in seen.releases):
        return
    needed = ROOM * max(package.unpacked_size, package.size)
    if seen.disk_free < needed:
        raise HostIncapable(
            "{host}: {free} MB free under {root}, {needed} MB needed.",
            hint="Free some room (old releases, logs), then retry.",
            host=target.host,
            root=target.access.root,
            free=seen.disk_free // 2**20,
            needed=-(-needed // 2**20),
        )
    if 0 <= seen.inodes_free < LEAST_INODES:
        raise HostIncapable(
            "{host}: {free} inodes free under {root}: no room for more files.",
            hint="Remove what made so many small files, then retry.",
            host=target.host,
            root=target.access.root,
            free=seen.inodes_free,
        )


def release_there(target: TargetCourse, seen: Observation) -> str:
    """The sha256 of the package that the wanted release on the host was made of; "" without one."""
    return next((sha256 for version, sha256 in seen.releases if version == target.to_version), "")

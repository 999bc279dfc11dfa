"""The one status of a place, from what is wanted, what was seen, and what is being done there."""

import shlex
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import PurePosixPath

from slipway.core.hosts.drift_words import Drift, What, has_drifted
from slipway.core.hosts.seen import SeenInstance
from slipway.core.words.durations import format_duration
from slipway.core.words.instances import InstanceStatus
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.sentence import Sentence

LOOK_EVERY = timedelta(seconds=60)
NOT_SEEN_AFTER = 3 * LOOK_EVERY


class PlaceWord(StrEnum):
    """What a place can be that no rollout has made of it; the other words are InstanceStatus's."""

    NOT_SEEN = "not_seen"  # running, as far as was seen, which is long ago
    DRIFTED = "drifted"
    ILL = "ill"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """Versions are "" where there is none. `why` it is not well, in the words of who saw it."""

    service: str
    environment: str
    host: str
    status: InstanceStatus  # what the last rollout did there
    wanted: str
    running: str
    linked: str
    drift: tuple[Drift, ...] = ()
    healthy: bool | None = None
    seen_at: datetime | None = None
    why: Sentence | None = None


@dataclass(frozen=True, slots=True)
class PlaceStatus:
    """`why` is said where it is not as it should be; its hint is the command that mends it, and
    `remedy` the same as an operation."""

    word: str
    why: Sentence | None = None
    remedy: RolloutKind | None = None


def status_of_place(facts: PlaceFacts, now: datetime) -> PlaceStatus:
    status = facts.status
    if status.is_failed:
        return PlaceStatus(status.word, facts.why)
    if status is not InstanceStatus.RUNNING:
        return PlaceStatus(status.word)
    if facts.seen_at is None:
        return PlaceStatus(PlaceWord.UNKNOWN, _NEVER_SEEN)
    versions = facts.wanted, facts.running, facts.linked
    if runs_well(*versions, facts.healthy, facts.seen_at, now) and not facts.drift:
        return WELL
    found = _drifted(facts) or _ill(facts) or _added_to(facts)
    if found is not None:
        return found
    unseen = now - facts.seen_at
    if unseen > NOT_SEEN_AFTER:
        return PlaceStatus(PlaceWord.NOT_SEEN, _not_seen(unseen))
    return PlaceStatus(status.word, _unread(facts))


def runs_well(
    wanted: str,
    running: str,
    linked: str,
    healthy: bool | None,
    seen_at: datetime | None,
    now: datetime,
) -> bool:
    """Whether what should run was seen to run lately: where nothing has drifted there is nothing to
    look for then, as nearly everywhere of a thousand places."""
    runs_it = running == wanted != "" and linked in ("", wanted) and healthy is not False
    return runs_it and seen_at is not None and now - seen_at <= NOT_SEEN_AFTER


def is_unread(status: PlaceStatus) -> bool:
    """Whether nothing else is to be said of it than that its files could not be looked through."""
    return status.why is not None and status.why.code == _UNREAD


def why_down(seen: SeenInstance | None) -> Sentence:
    """Return why nothing runs of what should, as its host says it."""
    if seen is None or not seen.link:
        return Sentence.of("nothing_there", "nothing of it is on its host any more")
    if seen.unit:
        return Sentence.of("unit_is", "its unit is {state}", state=seen.unit)
    return Sentence.of("no_process", "no process of it runs")


def _drifted(facts: PlaceFacts) -> PlaceStatus | None:
    reasons = list(_other_versions(facts)) if facts.wanted else []
    if not reasons and not has_drifted(facts.drift):
        return None
    reasons += [drift.sentence for drift in facts.drift if drift.is_known]
    return PlaceStatus(
        PlaceWord.DRIFTED,
        Sentence.of(
            "drifted",
            "{reasons}",
            hint="Bring it back: `slipway upgrade {service} {version} --env {environment} "
            "--hosts {host}`.",
            reasons=Sentence.listed(*reasons),
            version=facts.wanted,
            **_names(facts),
        ),
        RolloutKind.UPGRADE,
    )


def _added_to(facts: PlaceFacts) -> PlaceStatus | None:
    """What people have put beside a unit is theirs: no operation of ours takes it away."""
    found = next((drift for drift in facts.drift if drift.what is What.DROP_IN), None)
    if found is None:
        return None
    return PlaceStatus(PlaceWord.DRIFTED, _what_is_added(facts, found))


def _what_is_added(facts: PlaceFacts, found: Drift) -> Sentence:
    path = PurePosixPath(found.names.split(", ")[0])
    unit = path.parent.name.removesuffix(".d")
    if unit == path.parent.name:  # a host cuts what is long: not even its folder is whole
        return Sentence.of("added_somewhere", "{reason}", reason=found.sentence)
    if path.suffix != ".conf":
        return Sentence.of(
            "added_to_unit",
            "{reason}",
            hint="Read it on {host}: `systemctl cat {unit}`.",
            reason=found.sentence,
            unit=unit,
            host=facts.host,
        )
    return Sentence.of(
        "added_to",
        "{reason}",
        hint="Read it on {host}: `systemctl cat {unit}`. Where nobody wants it: `rm {path}`, "
        "`systemctl daemon-reload`, and then `slipway restart {service} --env {environment} "
        "--hosts {host}`. What is meant for all units of Slipway's belongs in "
        "`slipway-.service.d`.",
        reason=found.sentence,
        unit=unit,
        path=shlex.quote(str(path)),
        **_names(facts),
    )


def _other_versions(facts: PlaceFacts) -> list[Sentence]:
    is_other = bool(facts.running) and facts.running != facts.wanted
    links_other = bool(facts.linked) and facts.linked != facts.wanted
    reasons = []
    if is_other:
        reasons.append(
            Sentence.of(
                "runs_other",
                "it runs {running}, and should run {wanted}",
                running=facts.running,
                wanted=facts.wanted,
            )
        )
    if links_other and facts.linked != facts.running:
        reasons.append(
            Sentence.of(
                "links_other",
                "its link leads to {linked}, and should lead to {wanted}",
                linked=facts.linked,
                wanted=facts.wanted,
            )
        )
    return reasons


def _ill(facts: PlaceFacts) -> PlaceStatus | None:
    if facts.running and facts.healthy is not False:
        return None
    template = "its health check fails" if facts.running else "no process of it runs"
    why = facts.why or Sentence.of("check_fails" if facts.running else "no_process", template)
    return PlaceStatus(
        PlaceWord.ILL,
        Sentence.of(
            "ill",
            "{reason}",
            hint="Read its log there, then start it anew: `slipway restart {service} "
            "--env {environment} --hosts {host}`.",
            reason=why,
            **_names(facts),
        ),
        RolloutKind.RESTART,
    )


def _unread(facts: PlaceFacts) -> Sentence | None:
    unread = [drift.sentence for drift in facts.drift if not drift.is_known]
    if not unread:
        return None
    return Sentence.of(
        _UNREAD,
        "{reason}",
        hint="Look at the disk of {host} and at its load; it is looked through again by itself.",
        reason=unread[0],
        host=facts.host,
    )


def _names(facts: PlaceFacts) -> dict[str, str]:
    return {"service": facts.service, "environment": facts.environment, "host": facts.host}


WELL = PlaceStatus(InstanceStatus.RUNNING.word)
_UNREAD = "unread"
_NEVER_SEEN = Sentence.of(
    "never_seen",
    "its host has not been looked at yet",
    hint="A worker looks at each host once a minute.",
)


def _not_seen(unseen: timedelta) -> Sentence:
    minutes = timedelta(minutes=unseen // timedelta(minutes=1))
    return Sentence.of(
        "not_seen",
        "running, not seen for {time}",
        hint="Look at its host, and whether a worker is alive.",
        time=format_duration(minutes),
    )

"""What a host's look says to a rollout about one place."""

from slipway.core.hosts.seen import Outcome, SeenInstance
from slipway.core.rollout.told.health_words import reason_of
from slipway.core.rollout.told.host_words import LONGEST_WORDS
from slipway.core.rollout.value.history import NOTHING, Release
from slipway.core.rollout.value.looks import ChainReport, Look
from slipway.core.words.sentence import Sentence


def look_at(
    seen: SeenInstance | None,
    boot: str,
    *,
    report: ChainReport | None = None,
    obstacle: Sentence | None = None,
) -> Look:
    """Return what an answer says of a place; nothing seen there is nothing there."""
    if seen is None:
        return Look(boot=boot, report=report, obstacle=obstacle)
    started_with, _, orders = seen.started_with.partition(".")
    fingerprint = seen.fingerprint.partition(".")[0]
    running = Release(seen.running_version, started_with) if seen.running_version else NOTHING
    return Look(
        link=Release(seen.link, fingerprint) if seen.link else NOTHING,
        running=running,
        orders=orders,
        process=seen.process,
        boot=boot,
        healthy=_is_healthy(seen),
        enabled=seen.enabled,
        hook_owed=seen.hook_owed,
        drained_by=seen.drained_by,
        busy=any(each.outcome is Outcome.RUNNING for each in seen.reports),
        obstacle=obstacle or held_by(seen),
        why=_words(seen.why),
        report=report,
        drift=seen.drift,
    )


def _is_healthy(seen: SeenInstance) -> bool:
    """Without a check, staying up is enough."""
    return bool(seen.running_version) and seen.healthy is not False and not seen.held_by


def held_by(seen: SeenInstance) -> Sentence | None:
    if not seen.held_by:
        return None
    return Sentence.of(
        "port_held",
        "its port is held by {holder}, which is not ours",
        hint="End it, or choose another port.",
        holder=seen.held_by,
    )


def _words(text: str) -> Sentence | None:
    said = text.strip()[:LONGEST_WORDS]
    return reason_of(said) or (Sentence.of("said", "{text}", text=said) if said else None)

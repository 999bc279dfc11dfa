"""What an event of the audit says: what was done, and to which thing."""

from datetime import UTC
from typing import Any

from slipway.core.words.sentence import Sentence
from slipway.records.audit.queries import SeenEvent

_DONE = (
    Sentence.of("attempt.refused", "attempt refused"),
    Sentence.of("attempt.slowed_login", "guess at a password, told to wait"),
    Sentence.of("attempt.unknown_login", "login at a name nobody has"),
    Sentence.of("attempt.unproven_webhook", "webhook without proof"),
    Sentence.of("attempt.worthless_token", "worthless token shown"),
    Sentence.of("audit.exported", "events of the audit taken along"),
    Sentence.of("build.adopted", "build started there, taken up here"),
    Sentence.of("build.cancel_requested", "build to be cancelled"),
    Sentence.of("build.duplicate", "build ended as a duplicate"),
    Sentence.of("build.failed", "build failed"),
    Sentence.of("build.late_success_taken", "late success taken"),
    Sentence.of("build.requested", "build asked for"),
    Sentence.of("build.succeeded_late", "build ended well too late"),
    Sentence.of("build.timeout", "build took too long"),
    Sentence.of("build_server.changed", "build server changed"),
    Sentence.of("build_server.created", "build server added"),
    Sentence.of("build_server.deleted", "build server removed"),
    Sentence.of("claims.raised", "claims raised"),
    Sentence.of("environment.changed", "environment changed"),
    Sentence.of("environment.created", "environment added"),
    Sentence.of("environment.window_added", "freeze window added"),
    Sentence.of("environment.window_removed", "freeze window removed"),
    Sentence.of("grant.given", "role given"),
    Sentence.of("grant.taken", "role taken away"),
    Sentence.of("host.added", "host added"),
    Sentence.of("host.changed", "host changed"),
    Sentence.of("host.key_changed", "host key found changed"),
    Sentence.of("host.key_forgotten", "host key forgotten"),
    Sentence.of("host.key_learnt", "host key learnt"),
    Sentence.of("host.maintenance_began", "maintenance began"),
    Sentence.of("host.maintenance_ended", "maintenance ended"),
    Sentence.of("host.removed", "host removed"),
    Sentence.of("host.restore_began", "restore of the host began"),
    Sentence.of("instance.changed", "instance changed"),
    Sentence.of("instance.locked", "instance locked"),
    Sentence.of("instance.unlocked", "instance unlocked"),
    Sentence.of("key.added", "key added"),
    Sentence.of("key.granted", "key granted to an environment"),
    Sentence.of("key.removed", "key removed"),
    Sentence.of("key.revoked", "key taken from an environment"),
    Sentence.of("lock.broken", "lock of somebody else released"),
    Sentence.of("lock.released", "lock released"),
    Sentence.of("lock.taken", "lock taken"),
    Sentence.of("package.removed", "package removed"),
    Sentence.of("release_rule.removed", "release rule removed"),
    Sentence.of("release_rule.set", "release rule set"),
    Sentence.of("retention.requested", "tidying of packages asked for"),
    Sentence.of("rollout.answered", "question answered"),
    Sentence.of("rollout.cancel_requested", "rollout to be cancelled"),
    Sentence.of("rollout.cancelled", "rollout cancelled"),
    Sentence.of("rollout.halted", "rollout halted"),
    Sentence.of("rollout.paused", "rollout paused"),
    Sentence.of("rollout.promoted", "batch promoted"),
    Sentence.of("rollout.reopened", "rollout taken up again"),
    Sentence.of("rollout.resumed", "rollout resumed"),
    Sentence.of("rollout.running", "rollout began to run"),
    Sentence.of("rollout.said_gone", "place said to be gone"),
    Sentence.of("rollout.started", "rollout started"),
    Sentence.of("rollout.succeeded", "rollout succeeded"),
    Sentence.of("secrets.forgotten", "secrets forgotten that no key reads"),
    Sentence.of("service.changed", "service changed"),
    Sentence.of("service.created", "service added"),
    Sentence.of("service.deleted", "service removed"),
    Sentence.of("token.created", "token made"),
    Sentence.of("token.revoked", "token revoked"),
    Sentence.of("user.created", "login made"),
    Sentence.of("user.disabled", "login closed"),
    Sentence.of("user.enabled", "login opened again"),
    Sentence.of("user.logged_in", "signed in"),
    Sentence.of("user.login_failed", "sign-in failed"),
    Sentence.of("user.password_set", "password set"),
    Sentence.of("version.cleared", "version cleared"),
    Sentence.of("version.created", "version made"),
    Sentence.of("version.downloaded", "package of a version downloaded"),
    Sentence.of("version.withdrawn", "version withdrawn"),
)
_BY_VERB = {each.code: each for each in _DONE}
_AUDIT = Sentence.of("thing_audit", "audit")
_CLAIMS = Sentence.of("thing_claims", "claims")
_KEYS = Sentence.of("thing_keys", "keys")


def kinds_of_events() -> dict[str, list[Sentence]]:
    """Return what can be done, by the beginning of its verb (`rollout.`)."""
    kinds: dict[str, list[Sentence]] = {}
    for each in _DONE:
        kinds.setdefault(f"{each.code.partition('.')[0]}.", []).append(each)
    return kinds


def what_was_done(verb: str) -> Sentence:
    """Return the words for a verb; one that we do not know is its own."""
    return _BY_VERB.get(verb) or _name(verb)


def thing_of(event: SeenEvent) -> Sentence:
    """Return what the thing is called: it is kept under its English name, by which it is found."""
    match event.thing_kind:
        case "rollout":
            return Sentence.of("thing_rollout", "rollout {number}", number=event.thing_id)
        case "retention_run":
            return Sentence.of("thing_retention", "retention run {number}", number=event.thing_id)
        case "release_rule":
            template = "release rule of {service} in {environment}"
            values = {"service": event.service, "environment": event.environment}
            return Sentence.of("thing_release_rule", template, **values)
        case "instance" if " on " in event.thing_name:
            service, _, place = event.thing_name.partition(" on ")
            template = "{service} on {place}"
            return Sentence.of("thing_instance", template, service=service, place=place)
        case "audit":
            return _AUDIT
        case "claims":
            return _CLAIMS
        case "key file":
            return _KEYS
    return _name(event.thing_name)


def row_of(event: SeenEvent) -> dict[str, Any]:
    """Return an event as it is taken along: times in UTC, sentences in English."""
    return {
        "id": event.id,
        "at": event.at.astimezone(UTC).isoformat(),
        "by": event.by,
        "token": event.token,
        "source": event.source,
        "verb": event.verb,
        "what": what_was_done(event.verb).english,
        "thing_kind": event.thing_kind,
        "thing_id": event.thing_id,
        "thing_name": thing_of(event).english if event.thing_name else "",
        "service": event.service,
        "environment": event.environment,
        "reason": event.cause.english if event.cause else event.reason,
        "before": event.before,
        "after": event.after,
    }


def _name(text: str) -> Sentence:
    return Sentence.of("said", "{text}", text=text)

"""Release on build: the rule people set, and the one step that follows it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from slipway.core.builds.settings import matches
from slipway.core.releasing.rules import LOOK_AGAIN_AFTER, check_refs, pause_after
from slipway.core.words.kinds import FORTH, RolloutKind
from slipway.core.words.refusal import Refused
from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record_of
from slipway.records.catalog.models import Service, Version
from slipway.records.fleet.models import Environment
from slipway.records.releasing.models import ReleaseRule
from slipway.records.releasing.rules import get_release_rule, version_to_release, with_names
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.operations.starts import start_rollout
from slipway.records.rollouts.wish.wishes import Wish
from slipway.records.rows.texts import checked_text


@transaction.atomic
def set_release_rule(
    *,
    service: Service,
    environment: Environment,
    refs: Sequence[str],
    by: Actor,
    now: datetime,
    enabled: bool = True,
) -> ReleaseRule:
    """Have new versions made of `refs` released in `environment`; the rule that is there changes.

    Whenever its refs change or it is enabled, it holds for versions made from then on. Raises
    Invalid, Forbidden.
    """
    _require(service, environment, by)
    patterns = [checked_text(ref, what="ref", limit=10_000) for ref in refs]
    wanted = {"refs": list(check_refs(patterns)), "enabled": enabled}
    rule, made = ReleaseRule.objects.select_for_update(of=("self",)).get_or_create(
        service=service,
        environment=environment,
        defaults={
            **wanted,
            "since": now,
            "due_at": now,
            "created_at": now,
            "created_by": by.user,
            "updated_at": now,
            "updated_by": by.user,
        },
    )
    before = None if made else {"refs": rule.refs, "enabled": rule.enabled}
    if before != wanted:
        if before is not None:
            _change(rule, wanted, by, now)
        record_of("release_rule.set", rule, by=by, now=now, before=before, after=wanted)
    return get_release_rule(service, environment)


@transaction.atomic
def remove_release_rule(
    *, service: Service, environment: Environment, by: Actor, now: datetime
) -> None:
    """Let versions be released by people again. Raises NotFound, Forbidden."""
    _require(service, environment, by)
    rule = get_release_rule(service, environment)
    before = {"refs": rule.refs, "enabled": rule.enabled}
    ReleaseRule.objects.filter(pk=rule.pk).delete()
    record_of("release_rule.removed", rule, by=by, now=now, before=before)


def follow_release_rule(*, rule_id: int, now: datetime) -> Rollout | None:
    """Release the newest version that the rule is about, if it is to be released now.

    Safe for several workers at once. What stands in the way is kept as the rule's problem, and it
    is tried again after a while, as long as no newer version has come.
    """
    # Asked first without a claim: most looks find nothing, and two workers need not wait for that.
    rule = with_names().filter(pk=rule_id, enabled=True).first()
    if rule is None:
        return None
    if version_to_release(rule) is None and not rule.problem:
        _look_again_later(rule, now)
        return None
    with transaction.atomic():
        rules = with_names().select_for_update(of=("self",), skip_locked=True)
        held = rules.filter(pk=rule_id, enabled=True, due_at__lte=now).first()
        return _follow(held, now) if held else None


def put_off_release_rule(*, rule_id: int, problem: Refused, now: datetime) -> None:
    """Keep why a rule could not even be looked at; it is tried again after a while."""
    for rule in ReleaseRule.objects.filter(pk=rule_id):
        _put_off(rule, problem, now)


def _follow(rule: ReleaseRule, now: datetime) -> Rollout | None:
    found = version_to_release(rule)
    if found is None:
        _settle(rule)
        return None
    version, ref = found
    if _was_tried(rule, version):
        # Released by hand, or taken back since: whether once more is for people to say.
        _settle(rule, last_version=version)
        return None
    try:
        rollout = start_rollout(
            wish=Wish(RolloutKind.UPGRADE, rule.service, rule.environment, version),
            by=Actor.system(),
            now=now,
            cause=_cause(rule, version, ref),
        )
    except Refused as refused:
        _put_off(rule, refused, now)
        return None
    _settle(rule, last_version=version, last_rollout=rollout)
    return rollout


def _was_tried(rule: ReleaseRule, version: Version) -> bool:
    return Rollout.objects.filter(
        service=rule.service_id,
        environment=rule.environment_id,
        version=version,
        kind__in=FORTH,
    ).exists()


def _cause(rule: ReleaseRule, version: Version, ref: str) -> Sentence:
    pattern = next(each for each in rule.refs if matches(ref, [each]))
    return Sentence.of(
        "release_rule",
        "release rule {pattern}: {version} was built of {ref}",
        pattern=pattern,
        version=version.name,
        ref=ref,
    )


def _look_again_later(rule: ReleaseRule, now: datetime) -> None:
    """What is new is not for this rule: it is not asked again at every look."""
    unchanged = ReleaseRule.objects.filter(pk=rule.pk, due_at=rule.due_at)
    unchanged.update(due_at=now + LOOK_AGAIN_AFTER)


def _settle(rule: ReleaseRule, **changes: Any) -> None:
    changes |= {"problem": None, "attempts": 0}
    ReleaseRule.objects.filter(pk=rule.pk).update(**changes)


def _put_off(rule: ReleaseRule, refused: Refused, now: datetime) -> None:
    attempts = rule.attempts + 1
    ReleaseRule.objects.filter(pk=rule.pk).update(
        problem=refused.sentence,
        attempts=attempts,
        due_at=now + pause_after(attempts),
    )


def _change(rule: ReleaseRule, wanted: dict[str, Any], by: Actor, now: datetime) -> None:
    if wanted["enabled"] and (not rule.enabled or rule.refs != wanted["refs"]):
        rule.since = now
    rule.refs, rule.enabled = wanted["refs"], wanted["enabled"]
    rule.problem = None
    rule.attempts, rule.due_at = 0, now
    rule.updated_at, rule.updated_by = now, by.user
    rule.save()


def _require(service: Service, environment: Environment, by: Actor) -> None:
    by.require(Action.MANAGE_ENVIRONMENT, environment=environment.name)
    by.require(Action.DEPLOY, service=service.name, environment=environment.name)

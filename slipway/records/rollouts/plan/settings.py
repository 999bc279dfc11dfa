"""What a plan's releases are run by, value by value: where each comes from, and what changed since
the version was taken in."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from slipway.core.rollout.plans.differences import named
from slipway.core.rollout.plans.outlook import PlannedRule, PlannedSettings
from slipway.core.rollout.plans.plan import Plan
from slipway.core.spec.origins import Origin, Setting, settings_of, without_hidden
from slipway.core.spec.supervisors import TRAITS
from slipway.core.spec.users import ROOT
from slipway.core.spec.values import Supervisor
from slipway.core.words.reach import HIDDEN
from slipway.core.words.refusal import Invalid
from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Release
from slipway.records.catalog.operations.releases import draft_release
from slipway.records.rollouts.wish.selection import Candidate
from slipway.records.rollouts.wish.wishes import Wish


def planned_settings(
    wish: Wish, candidates: Sequence[Candidate], by: Actor | None
) -> tuple[PlannedSettings, ...]:
    """Return the values of each release that is brought. Without the right to deploy the service
    those of its environment are not shown."""
    goals: dict[tuple[int, str], Release] = {}
    for candidate in candidates:
        if (goal := candidate.goal) is not None:
            goals.setdefault((goal.version_id, goal.fingerprint), goal)
    if by is not None and not by.may(Action.VIEW_HOST, environment=wish.environment.name):
        candidates = ()  # as whom we log in there is not theirs to know
    found = [_settings(wish, each, candidates) for each in goals.values()]
    if may_see_values(wish, by):
        return tuple(found)
    return tuple(replace(each, settings=without_hidden(each.settings)) for each in found)


def may_see_values(wish: Wish, by: Actor | None) -> bool:
    """Whether what a release is run by may be shown whole."""
    return by is None or by.may_somewhere(Action.DEPLOY, service=wish.service.name)


def planned_rules(wish: Wish, plan: Plan) -> tuple[PlannedRule, ...]:
    """Return the rules by which a plan is carried out, and who says so."""
    back = "way_back" if wish.goes_back else "environment"
    taken_back = "way_back" if wish.reverts is not None else "environment"
    says: dict[str, tuple[object, str]] = {
        "batches": (wish.batches, back),
        "max_unavailable": (wish.max_unavailable, back),
        "failure_budget": (wish.failure_budget, taken_back),
        "left_out_budget": (wish.left_out_budget, taken_back),
        "bake_time": (wish.bake_time is not None, taken_back),
        "promotion_needed": ("", back),
        "automatic_rollback": (wish.automatic_rollback is not None, back),
    }
    found = []
    for key, value in rules_of(plan):
        said, otherwise = says.get(key, ("", "environment"))
        found.append(PlannedRule(key, value, "wish" if said else otherwise))
    return tuple(found)


def rules_of(plan: Plan) -> tuple[tuple[str, str], ...]:
    """Return the rules by which a plan is carried out, as texts by their names."""
    policy = plan.policy
    rows: tuple[tuple[str, object], ...] = (
        ("batches", plan.batches),
        ("max_unavailable", policy.allowed_away),
        ("failure_budget", policy.failures),
        ("left_out_budget", policy.left_out),
        ("bake_time", f"{policy.bake:g} s"),
        ("watch_time", f"{policy.watch:g} s"),
        ("patience", f"{policy.patience:g} s"),
        ("progress_deadline", f"{plan.deadline:g} s"),
        ("promotion_needed", policy.needs_promotion),
        ("automatic_rollback", policy.goes_back),
    )
    return tuple((key, str(value).lower()) for key, value in rows)


def changes_since_upload(found: Sequence[PlannedSettings]) -> Iterator[Sentence]:
    """Yield, a sentence for each version, what of its settings was another at its upload, or that
    it is brought as it was well and not as it would be run now."""
    for each in found:
        keys = [setting.key for setting in each.settings if setting.at_upload is not None]
        if each.is_kept:
            yield Sentence.of(
                "settings_kept",
                "{version} is brought with the settings by which it was well, not those of now.",
                version=each.version,
            )
        elif keys:
            yield Sentence.of(
                "settings_since_upload",
                "{version}: the service says otherwise since the upload, and that counts: {keys}.",
                version=each.version,
                keys=named(keys),
            )


def runs_as_root(found: Sequence[PlannedSettings]) -> Iterator[Sentence]:
    """Yield, a sentence for each version, that it runs as root, and whether anybody says so."""
    for each in found:
        users = {said.value: said.origin for said in each.settings if said.key == "user"}
        for value, origin in users.items():
            if not set(ROOT) & set(value.split(", ")):
                continue
            if origin is Origin.DEFAULT:
                yield Sentence.of(
                    "root_by_default",
                    "{version} runs as root: nobody is named as whom. Where it needs no root, name"
                    " a user of the hosts in the release spec (user: app).",
                    version=each.version,
                )
            else:
                yield Sentence.of(
                    "root_as_said",
                    "{version} runs as root, as its release spec says.",
                    version=each.version,
                )


def _settings(wish: Wish, goal: Release, candidates: Sequence[Candidate]) -> PlannedSettings:
    version = goal.version
    if _is_kept(wish, goal):
        said = settings_of({}, goal.spec, None) if goal.fingerprint else ()
        kept = tuple(replace(each, origin=Origin.WELL_STATE) for each in said)
        return PlannedSettings(version.name, _with_user(kept, candidates), is_kept=True)
    try:
        settings = settings_of(version.spec, wish.service.spec, version.service_spec)
    except Invalid:
        try:
            settings = settings_of(version.spec, wish.service.spec, None)
        except Invalid:
            return PlannedSettings(version.name, ())  # refused by itself, with the reason
    return PlannedSettings(version.name, _with_user(settings, candidates))


def _is_kept(wish: Wish, goal: Release) -> bool:
    """Whether it is brought as it was once, which is not as it would be run now."""
    try:
        return draft_release(wish.service, goal.version).fingerprint != goal.fingerprint
    except Invalid:
        return True


def _with_user(
    settings: tuple[Setting, ...], candidates: Sequence[Candidate]
) -> tuple[Setting, ...]:
    """Say as whom runs what names no user: a unit as root, scripts as whom we log in as."""
    said = {each.key: each.value for each in settings}
    users = sorted({each.host.user for each in candidates})
    is_login = said.get("supervisor") in [each for each in Supervisor if TRAITS[each].as_login]
    nobody = (", ".join(users) or HIDDEN) if is_login else "root"
    return tuple(
        replace(each, value=nobody) if each.key == "user" and not each.value else each
        for each in settings
    )

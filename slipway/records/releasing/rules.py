"""Questions about release rules: which there are, and what each has to do now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from slipway.core.builds.change_requests import ref_as_it_is_now
from slipway.core.builds.orders import ServerKind
from slipway.core.releasing.rules import MadeVersion, RuleState, choose, literal_start
from slipway.core.words.refusal import NotFound
from slipway.core.words.sentence import Sentence
from slipway.core.words.versions import VersionStatus
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Build, BuildOriginator, Service, Version
from slipway.records.fleet.models import Environment, Instance
from slipway.records.releasing.models import ReleaseRule
from slipway.records.rollouts.taking_part.withdrawals import is_withdrawn
from slipway.records.rows.facts import read_as
from slipway.records.rows.texts import is_storable


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """A release rule, and what has come of it; None for what is not there yet."""

    service: str
    environment: str
    refs: tuple[str, ...]
    enabled: bool
    since: datetime
    last_version: str | None
    last_rollout: int | None
    problem: Sentence | None
    updated_at: datetime
    updated_by: str | None

    @classmethod
    def of(cls, rule: ReleaseRule) -> Self:
        return read_as(
            cls,
            rule,
            service=rule.service.name,
            environment=rule.environment.name,
            refs=tuple(rule.refs),
            last_version=rule.last_version.name if rule.last_version else None,
            last_rollout=rule.last_rollout_id,
            updated_by=rule.updated_by.get_username() if rule.updated_by else None,
        )


def list_release_rules(
    actor: Actor, service: object = None, environment: object = None
) -> list[RuleFacts]:
    """Return the rules that `actor` may see; the others are things or their names."""
    rules = with_names().filter(
        actor.visible(service="service__name", environment="environment__name")
    )
    for column, thing in (("service", service), ("environment", environment)):
        if thing:
            name = str(thing)
            rules = rules.filter(**{f"{column}__name": name if is_storable(name) else ""})
    ordered = rules.order_by("service__name", "environment__order", "environment__name")
    return list(map(RuleFacts.of, ordered))


def get_release_rule(service: Service, environment: Environment) -> ReleaseRule:
    """Raises NotFound."""
    found = with_names().filter(service=service, environment=environment).first()
    if found is None:
        raise NotFound(
            "{service} has no release rule in {environment}.",
            hint="Set one with the refs whose versions are to be released there.",
            service=service.name,
            environment=environment.name,
        )
    return found


def list_due_rules(now: datetime) -> list[int]:
    """Return rules that may have something to do: a version has come, or a problem may be over."""
    return list(
        ReleaseRule.objects.filter(Q(Exists(_newer_than_last())) | Q(problem__isnull=False))
        .filter(enabled=True, due_at__lte=now)
        .order_by("due_at", "id")
        .values_list("pk", flat=True)
    )


def version_to_release(rule: ReleaseRule) -> tuple[Version, str] | None:
    """Return the version that the rule has to release now, and the ref it was made of; None when
    all is as it is to be."""
    state = RuleState(
        refs=tuple(rule.refs),
        since=rule.since,
        last=_made(rule.last_version) if rule.last_version else None,
        running=_running(rule),
    )
    chosen = choose(state, list_candidates(rule))
    if chosen is None:
        return None
    versions = Version.objects.select_related("service", "package")
    return versions.get(pk=chosen.id), chosen.ref


def with_names() -> QuerySet[ReleaseRule]:
    return ReleaseRule.objects.select_related(
        "service", "environment", "last_version__service", "updated_by"
    )


def list_candidates(rule: ReleaseRule) -> list[MadeVersion]:
    """Return the versions that `choose` needs to know of: what has come since the last one was
    released. Of refs that cannot fit the database gives none: there may be thousands."""
    return [*_made_since(rule), *_made_again_since(rule)]


def _made_since(rule: ReleaseRule) -> list[MadeVersion]:
    # A late success is a new version of an old commit: newest, and a step back. It is people's.
    made = _made_versions(rule).exclude(build__originator=BuildOriginator.LATE)
    rows = made.filter(_may_fit(rule), service=rule.service_id)
    columns = ("created_at", "pk", "ref", "build__server__kind")
    return [
        MadeVersion(at, pk, _meant(ref, kind)) for at, pk, ref, kind in rows.values_list(*columns)
    ]


def _made_again_since(rule: ReleaseRule) -> list[MadeVersion]:
    """Return versions whose commit came to another ref: a merge that only moves a branch on is not
    built again, and is to be released all the same."""
    rows = Build.objects.filter(
        _may_fit(rule, "version__"),
        version__service=rule.service_id,
        version__status=VersionStatus.DUPLICATE,
        duplicate_of__in=_made_versions(rule),
    )
    columns = ("version__created_at", "duplicate_of", "version__ref", "server__kind")
    found = rows.values_list(*columns)
    return [MadeVersion(at, pk, _meant(ref, kind)) for at, pk, ref, kind in found if pk]


def _meant(ref: str, kind: str | None) -> str:
    return ref_as_it_is_now(ref) if kind == ServerKind.JENKINS else ref


def _may_fit(rule: ReleaseRule, of: str = "") -> Q:
    """Lets some through that do not fit; `choose` looks closely. `of`: the way to the version."""
    fits = Q()
    for pattern in rule.refs:
        start = literal_start(pattern)
        fits |= Q(**{f"{of}ref" if start == pattern else f"{of}ref__startswith": start})
    fits &= Q(**{f"{of}created_at__gt": rule.since})
    if rule.last_version:
        fits &= Q(**{f"{of}created_at__gte": rule.last_version.created_at})
    return fits


def _made_versions(rule: ReleaseRule) -> QuerySet[Version]:
    """Return the versions that could be released: made well, their packages are here, and they are
    not withdrawn there."""
    made = Version.objects.filter(
        status=VersionStatus.SUCCESS, package__isnull=False, package__removed_at=None
    )
    return made.filter(~is_withdrawn(rule.environment))


def _newer_than_last() -> QuerySet[Version]:
    """Return versions that may be news for a rule. Those made again are not told apart here."""
    last = Coalesce(OuterRef("last_version__created_at"), OuterRef("since"))
    return Version.objects.filter(
        ~Q(pk=Coalesce(OuterRef("last_version"), 0)),
        status__in=(VersionStatus.SUCCESS, VersionStatus.DUPLICATE),
        service=OuterRef("service"),
        created_at__gt=OuterRef("since"),
        created_at__gte=last,
    )


def _running(rule: ReleaseRule) -> tuple[MadeVersion, ...]:
    rows = (
        Instance.objects.filter(
            service=rule.service_id, environment=rule.environment_id, version__isnull=False
        )
        .values_list(F("version__created_at"), F("version"))
        .distinct()
    )
    return tuple(MadeVersion(created_at, pk) for created_at, pk in rows)


def _made(version: Version) -> MadeVersion:
    return MadeVersion(version.created_at, version.pk, version.ref)

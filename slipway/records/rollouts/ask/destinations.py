"""Where a version may go: each environment with what keeps it away from there, or nothing."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from slipway.core.spec.users import is_named
from slipway.core.spec.values import ReleaseSpec
from slipway.core.words.refusal import Forbidden, Invalid
from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.queries import who_may_in
from slipway.records.accounts.rights import SYSTEM, Actor
from slipway.records.catalog.models import Version
from slipway.records.catalog.queries.services import (
    get_release_spec,
    no_package,
    package_removed,
)
from slipway.records.catalog.version_facts import NamedVersion, VersionFacts
from slipway.records.fleet.models import Environment
from slipway.records.fleet.queries import list_environments
from slipway.records.rollouts.ask.overview import Overview
from slipway.records.rollouts.taking_part.withdrawals import may_go_anyway
from slipway.records.rollouts.wish.gates import busy, closed_now, locked
from slipway.records.rollouts.wish.named_users import user_needed

_MOST_PEOPLE = 3  # of those who may: named


@dataclass(frozen=True, slots=True)
class VersionDestination:
    """An environment as one version finds it. `runs`: of the `instances` there, how many should run
    it already. `rollout`: the one that brings it there now, 0 for none. `later`: what runs there
    and was made after it, "" for nothing. `refused`: what keeps it away, `warned`: what is to be
    known before; of hosts, the plan tells."""

    environment: str
    runs: int
    instances: int
    rollout: int
    later: str
    refused: tuple[Sentence, ...]
    warned: tuple[Sentence, ...]

    @property
    def is_there(self) -> bool:
        """Whether all of them have it already."""
        return bool(self.runs) and self.runs == self.instances

    @property
    def is_open(self) -> bool:
        """Whether it may be released there now by whoever asked."""
        return not (self.refused or self.is_there or self.rollout)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of every environment. `spec` is None where nobody has to know how it is run."""

    version: NamedVersion
    service: str
    lacks: tuple[Sentence, ...]
    spec: ReleaseSpec | None
    held: Collection[str]
    strangers: dict[str, list[str]]
    overview: Overview
    actor: Actor
    now: datetime


def destinations_of(
    version: VersionFacts, overview: Overview, held: Collection[str], actor: Actor, now: datetime
) -> list[VersionDestination]:
    """Return where `version` may go, as far as `actor` may see its service, in the order of the
    environments; `overview` is that of the service, and `held` where the version is withdrawn."""
    service, named = version.service, version.named
    places = [
        each
        for each in list_environments()
        if actor.may(Action.VIEW, service=service, environment=each.name)
    ]
    needs_user = any(each.named_user_needed for each in places)
    asked = _Asked(
        named,
        service,
        tuple(_lacks(version)),
        _spec(named.id) if needs_user and version.can_go else None,
        held,
        _strangers(service, places, actor),
        overview,
        actor,
        now,
    )
    return [_destination(place, asked) for place in places]


def _lacks(version: VersionFacts) -> Iterator[Sentence]:
    """Yield what keeps the version from going anywhere."""
    if version.removed_at is not None:
        yield package_removed(version.name, version.removed_at).sentence
    elif not version.can_go:
        yield no_package(version.name).sentence
    elif version.lacks is not None:
        yield version.lacks


def _spec(version: int) -> ReleaseSpec | None:
    found = Version.objects.select_related("service").get(pk=version)
    try:
        return get_release_spec(found.service, found)
    except Invalid:  # told already as what it lacks
        return None


def _strangers(service: str, places: Sequence[Environment], actor: Actor) -> dict[str, list[str]]:
    """Return the environments in which `actor` may not release, and some who may."""
    closed = [
        each.name
        for each in places
        if not actor.may(Action.DEPLOY, service=service, environment=each.name)
    ]
    return who_may_in(Action.DEPLOY, service, closed, _MOST_PEOPLE) if closed else {}


def _destination(place: Environment, asked: _Asked) -> VersionDestination:
    key = (asked.service, place.name)
    counts, active = asked.overview.versions.get(key, {}), asked.overview.active.get(key)
    brings = active is not None and active.version == asked.version
    later = [each.name for each in counts if each.created_at > asked.version.created_at]
    return VersionDestination(
        environment=place.name,
        runs=counts.get(asked.version, 0),
        instances=len(asked.overview.instances.get(key, ())),
        rollout=active.id if active is not None and brings else 0,
        later=later[0] if later else "",
        refused=(*asked.lacks, *_refused(place, asked)),
        warned=tuple(_warned(place.name, asked, later)),
    )


def _refused(place: Environment, asked: _Asked) -> Iterator[Sentence]:
    """Yield what keeps it away, as a start there would be refused; who may not is told first."""
    if place.name in asked.strangers:
        yield _may_not(place.name, asked)
    key = (asked.service, place.name)
    lock, active = asked.overview.locks.get(key), asked.overview.active.get(key)
    if lock is not None and not _passes(lock.person, place.name, asked):
        yield locked(lock).sentence
    if active is not None and active.version != asked.version:
        by = "" if active.by == SYSTEM else active.by
        yield busy(*key, active.id, active.kind, by, active.created_at).sentence
    if place.named_user_needed and asked.spec is not None and not is_named(asked.spec):
        yield user_needed(place.name, asked.version.name, asked.spec).sentence
    for refusal in closed_now(place, asked.now):
        yield refusal.sentence


def _passes(person: str, environment: str, asked: _Asked) -> bool:
    """Return whether a lock that `person` holds ("": a rollout) lets it through, as it does at a
    start."""
    if not person:
        return environment not in asked.held
    return asked.actor.user is not None and person == asked.actor.user.get_username()


def _may_not(environment: str, asked: _Asked) -> Sentence:
    people = asked.strangers[environment]
    return Sentence.of(
        Forbidden.code,
        "{person} may not release {service} in {environment}.",
        hint="Ask somebody who may: {people}." if people else "Nobody may, but an admin can let.",
        person=asked.actor.name,
        service=asked.service,
        environment=environment,
        people=", ".join(people),
    )


def _warned(environment: str, asked: _Asked, later: Sequence[str]) -> Iterator[Sentence]:
    if environment in asked.held:
        yield may_go_anyway(asked.version.name, environment).sentence
    if later:
        yield Sentence.of(
            "later_there",
            "{environment} runs {version}, which was made later.",
            environment=environment,
            version=later[0],
        )

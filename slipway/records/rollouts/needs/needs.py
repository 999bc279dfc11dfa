"""All that is open as one list, worst first: each with its sentence and the commands that help."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from slipway.core.words.commands import typed
from slipway.core.words.kinds import RolloutKind
from slipway.core.words.names import place_name
from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Build
from slipway.records.fleet.models import Host, Instance
from slipway.records.fleet.queries import status_of
from slipway.records.fleet.reach import sees_machine
from slipway.records.rollouts.models import Rollout
from slipway.records.rollouts.needs.sources import (
    Ask,
    drifted_instances,
    failed_builds,
    failed_rollouts,
    lost_hosts,
    waiting_rollouts,
)
from slipway.records.rollouts.needs.waiting import ways_on, with_advice_of
from slipway.records.rows.pages import Row


class _Said(NamedTuple):
    code: str
    plain: str
    because: str


_WENT_WRONG = _Said(
    "rollout_went_wrong",
    "Rollout {number} of {service} in {environment} went wrong.",
    "Rollout {number} of {service} in {environment} went wrong: {why}",
)
_NOT_AS_WANTED = _Said(
    "instance_not_as_wanted",
    "{service} on {place} in {environment} is not as wanted.",
    "{service} on {place} in {environment} is not as wanted: {why}",
)
_LOST = _Said(
    "host_lost",
    "{host} in {environment} cannot be reached.",
    "{host} in {environment} cannot be reached: {why}",
)
_NOT_BUILT = _Said(
    "build_went_wrong",
    "Build {number} of {service} from {ref} went wrong.",
    "Build {number} of {service} from {ref} went wrong: {why}",
)
_WORDS = {RolloutKind.REVERT: "rollback", RolloutKind.DELETE: "remove"}  # as they are typed


class NeedKind(StrEnum):
    """What kind of thing is open, the worst first."""

    WAITING = "rollout_waiting"
    FAILED = "rollout_failed"
    INSTANCE = "instance"
    HOST = "host"
    BUILD = "build"


@dataclass(frozen=True, slots=True)
class OpenNeed:
    """Something that needs a person. `id` is the number of a rollout, build or instance, 0 of a
    host; `at` is since when, as far as that is known. `commands`: the best one first."""

    kind: NeedKind
    said: Sentence
    commands: tuple[str, ...]
    id: int = 0
    service: str = ""
    environment: str = ""
    host: str = ""
    port: int = 0
    at: datetime | None = None


@dataclass(slots=True)
class OpenNeeds:
    """A part of all that is open; `total` counts all."""

    limit: int
    offset: int
    items: list[OpenNeed] = field(default_factory=list)
    total: int = 0

    def take(self, ask: Ask[Row], show: Callable[[Row], OpenNeed]) -> None:
        """Put what one source has behind what is there, as far as it is in this part."""
        left = self.limit - len(self.items)
        page = ask(max(left, 1), max(self.offset - self.total, 0))
        self.total += page.total
        self.items += [show(row) for row in page[:left]]


def list_needs(actor: Actor, now: datetime, limit: int, offset: int) -> OpenNeeds:
    """Return what needs somebody, of what `actor` may see."""
    waiting = waiting_rollouts(actor)
    first = [_waiting(each, why, actor) for each, why in waiting[offset : offset + limit]]
    found = OpenNeeds(limit, offset, first, len(waiting))
    found.take(failed_rollouts(actor, now), lambda rollout: _failed(rollout, actor))
    found.take(drifted_instances(actor, now), lambda instance: _instance(instance, now, actor))
    found.take(lost_hosts(actor), lambda host: _host(host, actor))
    found.take(failed_builds(actor, now), lambda build: _build(build, actor))
    return found


def _waiting(rollout: Rollout, why: Sentence, actor: Actor) -> OpenNeed:
    at = rollout.started_at or rollout.created_at
    return _of_rollout(NeedKind.WAITING, rollout, why, ways_on(rollout, why, actor), at)


def _failed(rollout: Rollout, actor: Actor) -> OpenNeed:
    names = _names(rollout)
    said = _around(rollout.outcome, _WENT_WRONG, number=rollout.pk, **names)
    commands = [typed("rollout", "show", str(rollout.pk))]
    if actor.may(Action.DEPLOY, **names):
        commands.append(typed("retry", str(rollout.pk)))
    return _of_rollout(NeedKind.FAILED, rollout, said, tuple(commands), rollout.finished_at)


def _of_rollout(
    kind: NeedKind,
    rollout: Rollout,
    said: Sentence,
    commands: tuple[str, ...],
    at: datetime | None,
) -> OpenNeed:
    return OpenNeed(kind, said, commands, id=rollout.pk, at=at, **_names(rollout))


def _instance(instance: Instance, now: datetime, actor: Actor) -> OpenNeed:
    names, host = _names(instance), instance.host.name
    status = status_of(instance, now)
    place = place_name(host, instance.port)
    look = typed("instance", "show", str(instance.pk))
    version = instance.version.name if instance.version else ""
    kind = status.remedy
    if kind is None or not actor.may(Action.DEPLOY, **names):
        commands: tuple[str, ...] = (look,)
    else:
        moved = (version,) if kind.moves_version and version else ()
        at = ("--env", instance.environment.name, "--hosts", host)
        commands = (
            typed("plan", _WORDS.get(kind, kind.value), names["service"], *moved, *at),
            look,
        )
    return OpenNeed(
        NeedKind.INSTANCE,
        _around(status.why, _NOT_AS_WANTED, host=host, place=place, **names),
        commands,
        id=instance.pk,
        host=host,
        port=instance.port,
        at=instance.seen_at,
        **names,
    )


def _host(host: Host, actor: Actor) -> OpenNeed:
    where = host.environment.name
    problem = host.problem if sees_machine(where, actor) else None
    look = typed("host", "show", host.name)
    if host.host_key and actor.may(Action.DEPLOY, environment=where):
        commands: tuple[str, ...] = (typed("host", "check", host.name), look)
    elif not host.host_key and actor.may(Action.MANAGE_HOST, environment=where):
        commands = (typed("host", "check", host.name, "--accept-key"), look)
    else:
        commands = (look,)
    return OpenNeed(
        NeedKind.HOST,
        _around(problem, _LOST, host=host.name, environment=where),
        commands,
        environment=where,
        host=host.name,
        at=host.last_seen_at,
    )


def _build(build: Build, actor: Actor) -> OpenNeed:
    version, number = build.version, str(build.pk)
    service = version.service.name
    commands = [typed("build", "show", number), typed("build", "log", number)]
    if actor.may(Action.BUILD, service=service):
        ref = ("--ref", version.ref) if version.ref else ()
        commands.append(typed("build", "start", service, *ref))
    return OpenNeed(
        NeedKind.BUILD,
        _around(build.reason, _NOT_BUILT, number=build.pk, service=service, ref=version.ref),
        tuple(commands),
        id=build.pk,
        service=service,
        at=build.finished_at,
    )


def _names(row: Rollout | Instance) -> dict[str, Any]:
    return {"service": row.service.name, "environment": row.environment.name}


def _around(why: Sentence | None, said: _Said, **values: Any) -> Sentence:
    """Return what is said of something open, with why, where that is known."""
    if why is None:
        return Sentence.of(said.code, said.plain, **values)
    return with_advice_of(why, said.code, said.because, why=why, **values)

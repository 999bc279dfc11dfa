"""What people wish of a service's instances, as the API takes it."""

from datetime import timedelta
from typing import Annotated

from django.utils import timezone
from ninja import Field

from slipway.core.finding.listings import HOSTS
from slipway.core.words.kinds import RolloutKind
from slipway.interfaces.api.frame.values import Input, Line, Name, Port, Seconds, Text, Why, Word
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.queries import services
from slipway.records.fleet.queries import visible_environment
from slipway.records.rollouts.wish.choosing import chosen
from slipway.records.rollouts.wish.wishes import Wish
from slipway.records.rows.finding.asked import Asking


class NewWish(Input):
    """Without `version`, a revert goes back to each instance's own earlier one; without `hosts`, an
    operation is for all instances; what else is left out is as the environment says. `without`
    leaves places (HOST:PORT), or all of a host, out of the rollout and of its count. With
    `settings_back` a revert goes back one revision of settings, and no version;
    `even_if_never_well`: to a version that never was well in the environment. `where` chooses the
    hosts by what they have in common, as the list of hosts is asked (`rack:a -state:unreachable`);
    `instances` names places (`web-1:8090`)."""

    kind: RolloutKind
    service: Name
    environment: Name
    version: Annotated[Name, Field(max_length=128)] | None = None
    hosts: Annotated[list[Name], Field(max_length=10_000)] = []
    port: Port = 0
    batches: Word = ""
    max_unavailable: Word = ""
    failure_budget: Word = ""
    left_out_budget: Word = ""
    automatic_rollback: bool | None = None
    skip_unreachable: bool = False
    without: Annotated[list[Name], Field(max_length=10_000)] = []
    bake_time: Seconds | None = None
    settings_back: bool = False
    even_if_never_well: bool = False
    where: Line = ""
    instances: Annotated[list[Name], Field(max_length=10_000)] = []


class NewRollout(NewWish):
    """`confirm`: what a person typed for the service's name; looked at where it is sent and the
    environment is guarded."""

    plan_hash: Word = ""
    reason: Text = ""
    confirm: Line | None = None


class GoOn(Why):
    """`confirm`: what a person typed for the service's name; looked at where it is sent and the
    environment is guarded."""

    confirm: Line | None = None


class NewAnswer(GoOn):
    answer: Word


class Gone(GoOn):
    """Which place: `web-1:8080`, or `web-1` where it has only one."""

    place: Line


def wish_of(body: NewWish, actor: Actor) -> Wish:
    """Return the wish with its things looked up. Raises NotFound for what `actor` may not see, and
    Invalid, UnknownHost where its hosts cannot be found."""
    service = services.get_service(body.service, actor)
    wish = Wish(
        kind=body.kind,
        service=service,
        environment=visible_environment(body.environment, actor),
        version=services.get_version(service, body.version) if body.version else None,
        hosts=tuple(body.hosts),
        port=body.port,
        batches=body.batches,
        max_unavailable=body.max_unavailable,
        failure_budget=body.failure_budget,
        left_out_budget=body.left_out_budget,
        automatic_rollback=body.automatic_rollback,
        skip_unreachable=body.skip_unreachable,
        without=tuple(body.without),
        bake_time=None if body.bake_time is None else timedelta(seconds=body.bake_time),
        settings_back=body.settings_back,
        even_if_never_well=body.even_if_never_well,
    )
    asking = Asking.typed(body.where, HOSTS, timezone.now())
    return chosen(wish, asking, tuple(body.instances), actor)

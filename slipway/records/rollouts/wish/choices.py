"""What a wish can be of, given what was chosen so far: looked up by name, for whoever chooses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from slipway.core.words.kinds import RolloutKind
from slipway.core.words.roles import Action
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Service, Version
from slipway.records.catalog.queries.services import get_service, get_version
from slipway.records.fleet.instance_facts import (
    HostToChoose,
    InstanceFacts,
    facts_of,
    hosts_to_choose,
)
from slipway.records.fleet.models import Environment, Instance
from slipway.records.fleet.queries import list_hosts, list_instances, visible_environment
from slipway.records.rows.pages import slices, whole


@dataclass(frozen=True, slots=True)
class Choices:
    """`service` and `environment` are None until they are chosen; `hosts` are those that there are
    to choose from, as they are `now`."""

    kind: RolloutKind
    service: Service | None = None
    environment: Environment | None = None
    hosts: tuple[HostToChoose, ...] = ()
    now: datetime | None = None

    @classmethod
    def of(
        cls, kind: str, service_name: str, environment_name: str, actor: Actor, now: datetime
    ) -> Self:
        """Look up what is named, "" for what is not chosen yet. Raises NotFound for what `actor`
        may not see."""
        service = get_service(service_name, actor) if service_name else None
        environment = visible_environment(environment_name, actor) if environment_name else None
        if service is None or environment is None:
            proposed = "upgrade" if service is None or _runs(service, actor) else "deploy"
            return cls(RolloutKind(kind or proposed), service, environment)
        actor.require(Action.VIEW, service=service.name, environment=environment.name)
        there = Instance.objects.of(service, environment)
        hosts = hosts_to_choose(there) if kind != RolloutKind.DEPLOY else []
        wanted = RolloutKind(kind or ("upgrade" if hosts else "deploy"))
        if wanted is RolloutKind.DEPLOY:
            every = whole(lambda n, at: list_hosts(actor, environment, limit=n, offset=at))
            hosts = [HostToChoose(each.pk, each.name, each.state, each.problem) for each in every]
        return cls(wanted, service, environment, tuple(hosts), now)

    def instances_on(self, hosts: Sequence[HostToChoose]) -> dict[str, InstanceFacts]:
        """Return the instance that each of these hosts has, by its name; where it has several, the
        one of the highest port."""
        if self.service is None or self.environment is None or self.now is None:
            return {}
        there = Instance.objects.of(self.service, self.environment).order_by("host__name", "port")
        return {
            facts.host: facts
            for some in slices([each.id for each in hosts])
            for facts in facts_of(there.filter(host__in=some), self.now)
        }

    @property
    def is_guarded(self) -> bool:
        return self.environment is not None and self.environment.is_guarded

    def version(self, name: str) -> Version | None:
        """Return the version wished for: the newest ready one unless another was chosen. Raises
        NotFound."""
        if not self.kind.moves_version or self.service is None:
            return None
        if self.kind is RolloutKind.REVERT:
            return get_version(self.service, name) if name else None
        return get_version(self.service, name or "latest")


def _runs(service: Service, actor: Actor) -> bool:
    """Whether it runs anywhere."""
    return bool(list_instances(actor, service, limit=1).total)

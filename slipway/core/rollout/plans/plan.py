"""A plan is a value: all that a rollout is carried out by, and nothing that may change meanwhile.

Estimates, looks and obstacles are outside of it: a new obstacle refuses by itself, and costs no
approval. Private keys are outside, too: a host's is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from slipway.core.release.layout import InstanceContext
from slipway.core.release.steps import PackageRef
from slipway.core.rollout.value.history import Release
from slipway.core.rollout.value.planned import Planned, Policy
from slipway.core.spec.values import ReleaseSpec
from slipway.core.words.kinds import RolloutKind

FORMAT = 1


@dataclass(frozen=True, slots=True)
class PlannedHost:
    """A host as it was known when the plan was made. `key` names the SSH key."""

    name: str
    address: str
    port: int
    user: str
    root: str
    become: str
    host_key: str
    key: str
    tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedRelease:
    """What is brought somewhere, or was there: how it is run, and its package where it has one."""

    value: Release
    spec: ReleaseSpec
    package: PackageRef | None = None


@dataclass(frozen=True, slots=True)
class PlannedPlace:
    """One place of the service: what is decided about it, and what carries that out."""

    planned: Planned
    host: str
    port: int = 0  # 0: the service has none
    weight: int = 100
    tag: str = ""
    limit: float = 0.0  # seconds that its steps may take by their own limits


@dataclass(frozen=True, slots=True)
class Plan:
    """`version` is "" where each place has its own. `releases` are by `key_of`, `hosts` by name;
    `places` are in the order in which they go, those that only take room last. `deadline` is what
    a person has set for one target: the larger of it and a place's own limit counts there."""

    kind: RolloutKind
    service: str
    environment: str
    version: str
    batches: str
    policy: Policy
    places: tuple[PlannedPlace, ...]
    hosts: Mapping[str, PlannedHost] = field(default_factory=dict)
    releases: Mapping[str, PlannedRelease] = field(default_factory=dict)
    deadline: float = 600.0
    format: int = FORMAT

    @property
    def targets(self) -> tuple[PlannedPlace, ...]:
        return tuple(place for place in self.places if place.planned.is_target)

    def place(self, name: str) -> PlannedPlace:
        """Raises KeyError when the plan has no such place."""
        for place in self.places:
            if place.planned.place == name:
                return place
        raise KeyError(name)

    def release(self, value: Release) -> PlannedRelease:
        """Raises KeyError when the plan does not name it."""
        return self.releases[key_of(value)]

    def context(self, place: PlannedPlace) -> InstanceContext:
        host = self.hosts[place.host]
        return InstanceContext(
            service=self.service,
            environment=self.environment,
            host=host.name,
            root=host.root,
            address=host.address,
            port=place.port or None,
            weight=place.weight,
            tag=place.tag,
        )


def key_of(release: Release) -> str:
    """Return the name of a release in a plan; one without a fingerprint goes by its version."""
    return release.fingerprint or f"version {release.version}"

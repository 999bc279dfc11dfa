"""What somebody wants of the instances of a service in one environment."""

from dataclasses import dataclass
from datetime import timedelta

from slipway.core.words.kinds import RolloutKind
from slipway.core.words.names import place_name
from slipway.records.catalog.models import Service, Version
from slipway.records.fleet.models import Environment
from slipway.records.rollouts.models import Rollout


@dataclass(frozen=True, slots=True)
class Wish:
    """`hosts` are names, none: all instances (a deploy names them); `port` 0: any. `places` are
    instances by their names, beside those of `hosts`. `are_found`: the hosts were found by what
    they have in common, and who of them rests is left out, not refused. Texts left empty and None
    are as the environment says.

    `reverts` asks to take back what that rollout touched, `retry_of` to bring to its end what that
    one did not; `only` then leaves just these of its targets (ids). A revert goes back one version,
    or (`settings_back`) one revision of settings; `even_if_never_well`: to a version that was well
    nowhere in the environment, at the word of its admin. `without` leaves places (or all places of
    a host) out of the rollout and of its count. `leads_forth`: it asks to go back, and some place
    would come to what never was well there; found out when it is planned.
    """

    kind: RolloutKind
    service: Service
    environment: Environment
    version: Version | None = None
    hosts: tuple[str, ...] = ()
    port: int = 0
    batches: str = ""
    max_unavailable: str = ""
    failure_budget: str = ""
    automatic_rollback: bool | None = None
    skip_unreachable: bool = False
    bake_time: timedelta | None = None
    reverts: Rollout | None = None
    retry_of: Rollout | None = None
    only: tuple[int, ...] = ()
    settings_back: bool = False
    even_if_never_well: bool = False
    left_out_budget: str = ""
    without: tuple[str, ...] = ()
    leads_forth: bool = False
    places: tuple[str, ...] = ()
    are_found: bool = False

    def names(self, host: str, port: int) -> bool:
        """Whether a person named this very host or place."""
        is_named = host in self.hosts and not self.are_found
        return is_named or place_name(host, port) in self.places

    @property
    def goes_back(self) -> bool:
        """Whether it is the way back: always open, also in a freeze, and as fast as is safe."""
        return self.kind is RolloutKind.REVERT and not self.leads_forth

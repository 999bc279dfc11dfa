"""What the runner is told: all that it takes to check out, and to run one command."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta

from slipway.adapters.builds.command.enclosure.isolation import PATH, Isolation
from slipway.adapters.builds.command.processes.users import BuildUser
from slipway.adapters.builds.command.repository.repositories import Repository
from slipway.core.builds.orders import BuildOrder, ServerAccess, ServerKind


@dataclass(frozen=True, slots=True)
class CommandJob:
    """Goes to the runner through a pipe, and is written nowhere: it holds a credential."""

    repository: Repository = field(repr=False)
    service: str
    ref: str
    commit: str
    correlation: str
    variables: Mapping[str, str]
    command: tuple[str, ...]
    time_limit: float  # seconds
    size_limit: int  # bytes
    memory_limit: int  # bytes
    process_limit: int
    network: bool
    user: BuildUser
    enclosed: bool
    readable: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        order: BuildOrder,
        repository: Repository,
        user: BuildUser,
        isolation: Isolation,
        *,
        enclosed: bool,
    ) -> "CommandJob":
        return cls(
            repository=repository,
            service=order.service,
            ref=order.ref,
            commit=order.commit,
            correlation=order.correlation,
            variables=dict(order.variables),
            command=order.command,
            time_limit=order.time_limit.total_seconds(),
            size_limit=order.size_limit,
            memory_limit=order.memory_limit,
            process_limit=order.process_limit,
            network=order.network,
            user=user,
            enclosed=enclosed,
            readable=isolation.readable,
            hidden=isolation.hidden,
        )

    def to_bytes(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "CommandJob":
        """Raises ValueError for a job that did not come whole."""
        values = json.loads(data)
        where = values["repository"]
        access = where["access"]
        access["kind"] = ServerKind(access["kind"])
        access["package_bases"] = tuple(access["package_bases"])
        values["repository"] = Repository(ServerAccess(**access), where["url"], where["folder"])
        for key in ("command", "readable", "hidden"):
            values[key] = tuple(values[key])
        values["user"] = BuildUser(**values["user"])
        return cls(**values)

    @property
    def limit(self) -> timedelta:
        return timedelta(seconds=self.time_limit)

    def without_credential(self) -> "CommandJob":
        repository = self.repository
        access = replace(repository.access, username="", credential="", proxy="")
        return replace(self, repository=replace(repository, access=access))

    def environment(self, home: str, scratch: str) -> dict[str, str]:
        """All that the command's environment holds."""
        return {
            "PATH": PATH,
            "LANG": "C.UTF-8",
            **self.variables,
            "HOME": home,
            "TMPDIR": scratch,
            "USER": self.user.name,
            "LOGNAME": self.user.name,
            "CI": "true",
            "SLIPWAY_BUILD": self.correlation,
            "SLIPWAY_REF": self.ref,
            "SLIPWAY_COMMIT": self.commit,
            "SLIPWAY_SERVICE": self.service,
        }

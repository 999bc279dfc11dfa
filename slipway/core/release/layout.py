"""Where an instance lives on its host, and the facts that fill the places of its release spec."""

from collections.abc import Mapping
from dataclasses import dataclass

from slipway.core.words.names import instance_key, unit_name


@dataclass(frozen=True, slots=True)
class InstanceContext:
    """One instance of a service on one host. `root` is the host's root folder; port 0 is none."""

    service: str
    host: str
    environment: str
    port: int | None = None
    root: str = "/opt/slipway"
    weight: int = 100
    tag: str = ""
    address: str = ""  # at which we reach the host

    @property
    def instance(self) -> str:
        """What the instance is called on its host: its port, or `main`."""
        return instance_key(self.port)

    @property
    def unit(self) -> str:
        return unit_name(self.service, self.instance)

    @property
    def home(self) -> str:
        return f"{self.root}/{self.service}/{self.instance}"

    @property
    def current(self) -> str:
        """The link that is switched by an atomic rename."""
        return f"{self.home}/current"

    @property
    def shared(self) -> str:
        return f"{self.home}/shared"

    @property
    def environment_file(self) -> str:
        return f"{self.home}/environment"

    def release(self, version: str) -> str:
        return f"{self.root}/{self.service}/releases/{version}"

    def places(self, version: str) -> Mapping[str, str]:
        """Return what fills `${PORT}`, `${VERSION}`…; without a port there is no PORT."""
        port = {} if not self.port else {"PORT": str(self.port)}
        return port | {
            "VERSION": version,
            "WEIGHT": str(self.weight),
            "SERVICE": self.service,
            "INSTANCE": self.instance,
            "HOST": self.host,
            "ADDRESS": self.address or self.host,
            "ENVIRONMENT": self.environment,
            "SHARED": self.shared,
            "RELEASE": self.release(version),
        }

"""The values of a release spec: how a service is run, supervised and known to be healthy."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class Supervisor(StrEnum):
    SYSTEMD = "systemd"
    SCRIPT = "script"


@dataclass(frozen=True, slots=True)
class Hook:
    """A command of the package, run in its release folder; never given to a shell."""

    argv: tuple[str, ...]
    timeout: timedelta = timedelta(minutes=10)
    inactivity_timeout: timedelta = timedelta(minutes=10)
    way_back: bool = False  # whether a before_activate runs on the way back as well


@dataclass(frozen=True, slots=True)
class Scripts:
    start: Hook | None = None
    stop: Hook | None = None
    status: Hook | None = None
    before_activate: Hook | None = None
    after_activate: Hook | None = None
    drain: Hook | None = None
    undrain: Hook | None = None


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """At most one of `http`, `tcp` (HOST:PORT), `command`; none: the process staying up is enough.

    `${PORT}`, `${VERSION}`… are still places here; `expect` is a text the HTTP answer must contain.
    """

    http: str = ""
    tcp: str = ""
    command: tuple[str, ...] = ()
    expect: str = ""
    status: str = ""  # which ones of an HTTP answer are good, as "200-299 401"; none: 200-399
    interval: timedelta = timedelta(seconds=1)
    timeout: timedelta = timedelta(seconds=2)
    min_healthy_time: timedelta = timedelta(seconds=10)
    healthy_deadline: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Limits:
    """Resource limits of the unit (systemd's words); empty: none."""

    memory_max: str = ""
    cpu_quota: str = ""
    tasks_max: int | None = None
    open_files: int = 65536


EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class ReleaseSpec:
    run: tuple[str, ...] = ()
    supervisor: Supervisor = Supervisor.SYSTEMD
    user: str = ""
    environment: tuple[tuple[str, str], ...] = ()
    stop_timeout: timedelta = timedelta(seconds=30)
    shared: tuple[str, ...] = ()
    scripts: Scripts = field(default_factory=Scripts)
    health: HealthCheck = field(default_factory=HealthCheck)
    limits: Limits = field(default_factory=Limits)
    keep_releases: int = 5
    readable_by: str = "user"  # on the host; or EVERYBODY

"""What a release spec says to each kind of supervisor, and what it needs of a host."""

from collections.abc import Mapping
from dataclasses import dataclass

from slipway.core.spec.values import Supervisor

ALL_SCRIPTS = ("start", "stop", "status")


@dataclass(frozen=True, slots=True)
class Traits:
    takes_run: bool  # the program that `run` names
    scripts: tuple[str, ...] = ()  # those of ALL_SCRIPTS that it uses
    needs_systemd: bool = False  # that runs there, and the right to write its units
    as_login: bool = False  # who names no user has it run as whoever logs in, not as root


TRAITS: Mapping[Supervisor, Traits] = {
    Supervisor.SYSTEMD: Traits(takes_run=True, needs_systemd=True),
    Supervisor.SCRIPT: Traits(takes_run=False, scripts=ALL_SCRIPTS, as_login=True),
}

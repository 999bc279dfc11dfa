"""Who keeps an instance running, and with which environment: a unit of ours, or its own scripts."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from slipway.core.release.layout import InstanceContext
from slipway.core.release.supervisors.kind import SupervisedBy
from slipway.core.release.supervisors.script import by_scripts
from slipway.core.release.supervisors.systemd import by_unit
from slipway.core.spec.places import fill
from slipway.core.spec.values import ReleaseSpec, Supervisor


class MakesSupervisor(Protocol):
    def __call__(
        self,
        ctx: InstanceContext,
        spec: ReleaseSpec,
        version: str,
        done: Mapping[str, str],
        *,
        written: bool,
    ) -> SupervisedBy: ...


# Whoever adds a supervisor touches five places, and tests hold the new one to the rest: the word in
# `Supervisor` (core/spec/values.py), a line in `TRAITS` (core/spec/supervisors.py), a file beside
# core/release/supervisors/systemd.py, a line here, and host/supervisors/WORD.sh with all its verbs.
KINDS: Mapping[Supervisor, MakesSupervisor] = {
    Supervisor.SYSTEMD: by_unit,
    Supervisor.SCRIPT: by_scripts,
}

# Many programs take HOST for the address to listen on: it stays a place and is never exported.
_NOT_EXPORTED = ("HOST",)


def supervised_by(
    ctx: InstanceContext,
    spec: ReleaseSpec,
    version: str,
    done: Mapping[str, str] = MappingProxyType({}),
    *,
    written: bool = False,
) -> SupervisedBy:
    """Return the supervisor of the instance; `done` fills the places of what is done there; with
    `written` its unit comes with the whole text.

    Raises Invalid when the release spec does not say how to run (unit) or start and stop (scripts).
    """
    return KINDS[spec.supervisor](ctx, spec, version, done, written=written)


def environment_of(
    ctx: InstanceContext,
    spec: ReleaseSpec,
    version: str,
    done: Mapping[str, str] = MappingProxyType({}),
) -> tuple[tuple[str, str], ...]:
    """Return all that the service finds in its environment, sorted by name. What is done there is
    told to scripts, and to the service where its environment asks for it."""
    places = ctx.places(version)
    exported = {name: value for name, value in places.items() if name not in _NOT_EXPORTED}
    own = {name: fill(value, {**places, **done}) for name, value in spec.environment}
    return tuple(sorted((exported | own).items()))

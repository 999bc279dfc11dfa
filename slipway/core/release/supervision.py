"""Who keeps an instance running, and with which environment: a unit of ours, or its own scripts."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from slipway.core.release.boot_unit import boot_unit_text
from slipway.core.release.layout import InstanceContext
from slipway.core.release.steps import ScriptSupervisor, SupervisedBy, SystemdUnit
from slipway.core.release.unit import unit_text
from slipway.core.spec.places import fill
from slipway.core.spec.values import Hook, ReleaseSpec, Supervisor
from slipway.core.words.refusal import Invalid

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
    if spec.supervisor is Supervisor.SYSTEMD:
        return SystemdUnit(ctx.unit, unit_text(ctx, spec) if written else "")
    if spec.scripts.start is None or spec.scripts.stop is None:
        raise Invalid(
            "The release spec of {service} has no {script} script.",
            hint="With supervisor: script, scripts.start and scripts.stop are needed.",
            service=ctx.service,
            script="start" if spec.scripts.start is None else "stop",
        )
    places = {**ctx.places(version), **done}
    status = spec.scripts.status
    return ScriptSupervisor(
        start=filled(spec.scripts.start, places),
        stop=filled(spec.scripts.stop, places),
        status=None if status is None else filled(status, places),
        user=spec.user,
        boot=SystemdUnit(
            ctx.unit, boot_unit_text(ctx, spec, spec.scripts.start) if written else ""
        ),
    )


def filled(hook: Hook, places: Mapping[str, str]) -> Hook:
    return replace(hook, argv=tuple(fill(word, places) for word in hook.argv))


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

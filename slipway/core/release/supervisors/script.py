"""Kept running by the package's own scripts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from slipway.core.release.boot_unit import boot_unit_text, told_at_boot
from slipway.core.release.layout import InstanceContext
from slipway.core.release.supervisors.systemd import SystemdUnit
from slipway.core.spec.places import filled
from slipway.core.spec.starting import no_script
from slipway.core.spec.values import Hook, ReleaseSpec, Supervisor


@dataclass(frozen=True, slots=True)
class ScriptSupervisor:
    """The package's own scripts, found in the current release. `boot` starts it with its host,
    where units may be written."""

    kind: ClassVar[Supervisor] = Supervisor.SCRIPT

    start: Hook
    stop: Hook
    status: Hook | None = None
    user: str = ""
    boot: SystemdUnit | None = None

    @property
    def unit(self) -> SystemdUnit | None:
        return self.boot

    @property
    def scripts(self) -> tuple[tuple[str, Hook], ...]:
        status = () if self.status is None else (("status", self.status),)
        return (("start", self.start), ("stop", self.stop), *status)

    def told_by_unit(self, version: str) -> tuple[tuple[str, str], ...]:
        return told_at_boot(version)


def by_scripts(
    ctx: InstanceContext, spec: ReleaseSpec, version: str, done: Mapping[str, str], *, written: bool
) -> ScriptSupervisor:
    if spec.scripts.start is None or spec.scripts.stop is None:
        raise no_script(ctx.service, "start" if spec.scripts.start is None else "stop")
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

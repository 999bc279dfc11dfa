"""Kept running by systemd, with a unit of ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

from slipway.core.release.layout import InstanceContext
from slipway.core.release.unit import unit_text
from slipway.core.spec.values import Hook, ReleaseSpec, Supervisor


@dataclass(frozen=True, slots=True)
class SystemdUnit:
    """A unit of ours: `name` ends in .service; `text` is the whole file ("" where not written)."""

    kind: ClassVar[Supervisor] = Supervisor.SYSTEMD
    user: ClassVar[str] = ""
    scripts: ClassVar[tuple[tuple[str, Hook], ...]] = ()

    name: str
    text: str = ""

    @property
    def unit(self) -> Self:
        return self

    def told_by_unit(self, version: str) -> tuple[tuple[str, str], ...]:
        return ()


def by_unit(
    ctx: InstanceContext, spec: ReleaseSpec, version: str, done: Mapping[str, str], *, written: bool
) -> SystemdUnit:
    return SystemdUnit(ctx.unit, unit_text(ctx, spec) if written else "")

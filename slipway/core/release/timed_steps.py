"""The single steps of one target, each with how long the host may take for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NamedTuple

from slipway.core.release.layout import InstanceContext
from slipway.core.release.steps import (
    HostStep,
    PackageRef,
    Probe,
    Prune,
    Receipt,
    Remove,
    Restart,
    RunHook,
    Start,
    Stop,
    Switch,
    Undrain,
    Unpack,
)
from slipway.core.release.supervision import environment_of, supervised_by
from slipway.core.release.supervisors.kind import SupervisedBy
from slipway.core.spec.places import ROLLOUT_PLACES, fill, filled
from slipway.core.spec.values import EVERYBODY, HealthCheck, Hook, ReleaseSpec
from slipway.core.words.kinds import RolloutKind

UNPACKED_LIMIT = 4 * 2**30  # bytes
_SLOW_DISK = 5 * 2**20  # bytes per second that any host unpacks
_SLACK = timedelta(seconds=30)  # for the host program's own work around a step


class TimedStep(NamedTuple):
    """A step with its name in the record, and how long the host may take for it."""

    name: str
    step: HostStep
    timeout: timedelta


@dataclass(frozen=True, slots=True)
class Change:
    """What one target of a rollout is asked to become. `keep` are versions that stay on the host
    whether an instance points at them or not. Versions are "" where there is none."""

    kind: RolloutKind
    rollout: int
    from_version: str = ""
    to_version: str = ""
    keep: tuple[str, ...] = ()
    fingerprint: str = ""  # of the release with its orders, told to the host at the switch
    unpacked_limit: int = UNPACKED_LIMIT
    batch: int = 0
    number: int = 0  # of the instance among those of the rollout, from 1
    begun: frozenset[str] = frozenset()  # steps that an earlier driver has sent already

    @property
    def places(self) -> Mapping[str, str]:
        """Return what tells a script what is done, where."""
        told = (self.kind.value, self.from_version, self.to_version, self.batch, self.number)
        return dict(zip(ROLLOUT_PLACES, map(str, told), strict=True))

    @property
    def is_way_back(self) -> bool:
        return self.kind is RolloutKind.REVERT


@dataclass(frozen=True, slots=True)
class Steps:
    """The single steps of one target; `version` is the one whose release they run in."""

    ctx: InstanceContext
    spec: ReleaseSpec
    change: Change
    version: str

    def unpack(self, package: PackageRef | None) -> tuple[TimedStep, ...]:
        if package is None:
            return ()
        # It was counted when it was taken in; the host counts again.
        limit = max(self.change.unpacked_limit, package.unpacked_size)
        step = Unpack(self.version, package, limit)
        size = package.unpacked_size or 4 * package.size
        return (TimedStep("unpack", step, timedelta(minutes=2, seconds=size / _SLOW_DISK)),)

    def unpacked_anew(self, package: PackageRef | None) -> tuple[TimedStep, ...]:
        """Where files of a release were changed: what it prepares in there is prepared again."""
        return (*self.unpack(package), *(self.before_activate() if package else ()))

    def before_activate(self) -> tuple[TimedStep, ...]:
        """What prepares a version has prepared the one before it already, and may undo nothing."""
        name, hook = "before_activate", self.spec.scripts.before_activate
        if hook is None:
            return ()
        is_wanted = hook.way_back or not self.change.is_way_back
        # What was sent is heard to its end, also where it would not be sent any more.
        return self.hook(name) if is_wanted or name in self.change.begun else ()

    def hook(self, name: str) -> tuple[TimedStep, ...]:
        hook: Hook | None = getattr(self.spec.scripts, name)
        if hook is None:
            return ()
        undo = self.spec.scripts.undrain if name == "drain" else None
        step = RunHook(
            name,
            filled(hook, self._places()),
            self.version,
            self.spec.user,
            filled(undo, self._places()) if undo else None,
            self._readers(),
        )
        return (TimedStep(name, step, hook.timeout + _SLACK),)

    def undrain(self) -> TimedStep:
        # What is kept on the host has a limit of its own, and may be of a release not known here.
        own = self.spec.scripts.undrain or Hook(())
        return TimedStep("undrain", Undrain(), own.timeout + _SLACK)

    def receipt(self) -> TimedStep:
        change = self.change
        step = Receipt(change.rollout, change.kind, change.from_version, change.to_version)
        return TimedStep("receipt", step, _SLACK)

    def switch(self) -> TimedStep:
        step = Switch(
            version=self.version,
            environment=environment_of(self.ctx, self.spec, self.version, self.change.places),
            shared=self.spec.shared,
            supervised_by=self._supervised_by(written=True),
            shared_owner=self.spec.user,
            readers=self._readers(),
            stop_timeout=self.spec.stop_timeout,
            fingerprint=self.change.fingerprint,
        )
        return TimedStep("switch", step, self._time_to_stop())

    def restart(self, *, owes: bool | None = None) -> TimedStep:
        step = Restart(self._supervised_by(), self.spec.stop_timeout, owes)
        return TimedStep("restart", step, self._time_to_stop() + self._time_to_start())

    def start(self) -> TimedStep:
        return TimedStep("start", Start(self._supervised_by()), self._time_to_start() + _SLACK)

    def stop(self) -> TimedStep:
        step = Stop(self._supervised_by(), self.spec.stop_timeout)
        return TimedStep("stop", step, self._time_to_stop())

    def probe(self) -> TimedStep:
        check = filled_check(self.spec.health, self._places())
        step = Probe(check, self.version, self._supervised_by())
        return TimedStep("probe", step, check.healthy_deadline + check.timeout + _SLACK)

    def prune(self) -> TimedStep:
        # Whatever the caller forgets: what runs now and what ran before stay, for the way back.
        needed = (self.change.to_version, self.change.from_version, *self.change.keep)
        keep = tuple(dict.fromkeys(version for version in needed if version))
        return TimedStep("prune", Prune(keep), timedelta(minutes=5))

    def remove(self) -> TimedStep:
        return TimedStep("remove", Remove(self._supervised_by()), timedelta(minutes=5))

    def _readers(self) -> str:
        return EVERYBODY if self.spec.readable_by == EVERYBODY else ""

    def _places(self) -> Mapping[str, str]:
        return {**self.ctx.places(self.version), **self.change.places}

    def _supervised_by(self, *, written: bool = False) -> SupervisedBy:
        return supervised_by(self.ctx, self.spec, self.version, self.change.places, written=written)

    def _time_to_stop(self) -> timedelta:
        script = self.spec.scripts.stop
        own = script.timeout if script else timedelta(0)
        return self.spec.stop_timeout + own + timedelta(minutes=1)

    def _time_to_start(self) -> timedelta:
        script = self.spec.scripts.start
        return script.timeout if script else timedelta(minutes=1)


def filled_check(check: HealthCheck, places: Mapping[str, str]) -> HealthCheck:
    return replace(
        check,
        http=fill(check.http, places),
        tcp=fill(check.tcp, places),
        command=tuple(fill(word, places) for word in check.command),
        expect=fill(check.expect, places),
    )

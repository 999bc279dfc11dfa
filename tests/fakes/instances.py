"""One instance of a service on a host in memory: what it is, what runs of it, what it owes."""

from collections.abc import Collection
from dataclasses import dataclass, field

from slipway.core.hosts.drift_words import Drift, What
from slipway.core.hosts.seen import SeenInstance
from slipway.core.release.steps import HostStep, Restart, RunHook, Start, Switch
from slipway.core.release.supervisors.systemd import SystemdUnit
from slipway.core.spec.values import Hook
from tests.fakes.fences import FakeFence


@dataclass(slots=True)
class FakeInstance:
    link: str = ""
    running: str = ""
    pid: int | None = None
    supervised_by_systemd: bool = False
    has_unit: bool = False  # also where scripts run it: one that starts it with its host
    environment: tuple[tuple[str, str], ...] = ()
    enabled: bool = False
    fingerprint: str = ""
    started_with: str = ""
    is_switched: bool = False  # to another fingerprint, since it was started
    hook_owed: bool = False
    edited: set[What] = field(default_factory=set)  # by somebody else, since it was switched
    drains: dict[str, Hook] = field(default_factory=dict)  # how each version takes its drain back

    @property
    def unit_state(self) -> str:
        if not self.supervised_by_systemd:
            return ""
        return "active" if self.pid else "inactive"

    def begin(self, step: HostStep) -> None:
        """Owe what is owed from the beginning of the step on, however it ends."""
        match step:
            case Restart(owes=bool(owes)) | Start(owes=bool(owes)):
                self.hook_owed = owes
            case RunHook(hook="drain", version=version, undo=Hook() as undo):
                self.drains[version] = undo

    def end(self, step: HostStep) -> None:
        """It ended with 0."""
        match step:
            case Restart() | Start():
                self.started_with, self.is_switched = self.fingerprint, False
            case RunHook(hook="after_activate"):
                self.hook_owed = False
            case RunHook(hook="undrain", version=version):
                self.drains.pop(version, None)

    def switch(self, step: Switch) -> None:
        by = step.supervised_by
        self.supervised_by_systemd = isinstance(by, SystemdUnit)
        self.has_unit = by.unit is not None
        if not self.supervised_by_systemd and self.running != step.version:
            self.running, self.pid = "", None
        self.is_switched = self.is_switched or self.fingerprint != step.fingerprint
        self.link, self.environment = step.version, step.environment
        self.fingerprint = step.fingerprint
        self.edited &= {What.DROP_IN}  # which is not ours

    def start(self, pid: int) -> None:
        self.running, self.pid = self.link, pid
        self.enabled = self.has_unit
        if self.is_switched:
            self.started_with = ""

    def stop(self) -> None:
        self.running, self.pid, self.enabled = "", None, False
        self.started_with = ""

    def remove(self) -> None:
        self.stop()
        self.link, self.supervised_by_systemd, self.environment = "", False, ()
        self.has_unit = False
        self.fingerprint, self.is_switched, self.hook_owed = "", False, False
        self.drains.clear()

    def reboot(self, pid: int) -> None:
        """Its host starts anew, and whatever it starts by itself with it."""
        if self.pid is not None and self.enabled:
            self.start(pid)
        else:
            self.running, self.pid = "", None

    def drift(self, edited_files: Collection[str]) -> tuple[Drift, ...]:
        found = [Drift(what) for what in sorted(self.edited)]
        if edited_files:
            names = ", ".join(sorted(edited_files)[:3])
            found.append(Drift(What.FILES, len(edited_files), names))
        return tuple(found)

    def seen(self, name: str, fence: FakeFence) -> SeenInstance:
        return SeenInstance(
            instance=name,
            link=self.link,
            unit=self.unit_state,
            running_version=self.running,
            pid=self.pid,
            epoch=fence.heard[0],
            birth=str(100 * self.pid) if self.pid else "",
            enabled=self.enabled,
            fingerprint=self.fingerprint,
            started_with=self.started_with if self.pid else "",
            hook_owed=self.hook_owed,
            drained_by=max(self.drains, default=""),
            sequence=fence.heard[1],
            installation=fence.installation,
        )

"""What each step does on a host in memory: its exit status, and what it prints."""

from typing import TYPE_CHECKING, assert_never

from slipway.core.release.steps import (
    Chain,
    HostStep,
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
from tests.fakes.instances import FakeInstance

if TYPE_CHECKING:
    from tests.fakes.machines import FakeMachine

NOT_HEALTHY = "not healthy"  # what a probe prints


def carry_out(machine: "FakeMachine", chain: Chain, step: HostStep) -> tuple[int, str]:
    here = machine.instances.setdefault((chain.service, chain.instance), FakeInstance())
    match step:
        case Unpack():
            return _unpack(machine, chain.service, step)
        case RunHook(version=version):
            return (0, "") if (chain.service, version) in machine.releases else (66, "no release")
        case Undrain():
            return _undrain(machine, chain.service, here)
        case Switch():
            return _switch(machine, chain.service, here, step)
        case Prune(keep=keep):
            return _prune(machine, chain.service, keep)
        case Remove():
            return _remove(machine, chain)
        case _:
            return _running_body(machine, here, step)


def _running_body(
    machine: "FakeMachine", here: FakeInstance, step: Restart | Start | Stop | Probe | Receipt
) -> tuple[int, str]:
    match step:
        case Restart() | Start():
            return _start(machine, here)
        case Probe(version=version):
            return _probe(machine, here, version)
        case Stop():
            here.stop()
        case Receipt():
            machine.receipts.append(step)
        case _:
            assert_never(step)
    return 0, ""


def _unpack(machine: "FakeMachine", service: str, step: Unpack) -> tuple[int, str]:
    sha256 = step.package.sha256
    here = machine.releases.get((service, step.version))
    is_edited = (service, step.version) in machine.edited
    if here is not None and (here != sha256 or not is_edited):
        return (0, "") if here == sha256 else (65, "here with other content")
    if sha256 in machine.hostile or step.package.unpacked_size > step.unpacked_limit:
        return 65, "The package is refused."
    if (service, sha256) not in machine.incoming and not machine.has_release(service, sha256):
        return 66, "The package was not received; send it first."
    machine.incoming.discard((service, sha256))
    machine.releases[service, step.version] = sha256
    machine.edited.pop((service, step.version), None)
    return 0, ""


def _switch(
    machine: "FakeMachine", service: str, here: FakeInstance, step: Switch
) -> tuple[int, str]:
    if (service, step.version) not in machine.releases:
        return 66, f"Release {step.version} is not on this host."
    here.switch(step)
    return 0, ""


def _undrain(machine: "FakeMachine", service: str, here: FakeInstance) -> tuple[int, str]:
    gone = [version for version in here.drains if (service, version) not in machine.releases]
    if gone:
        return 66, f"There is no release {gone[0]} here."
    if "undrain" not in machine.failing:
        here.drains.clear()
    return 0, ""


def _start(machine: "FakeMachine", here: FakeInstance) -> tuple[int, str]:
    if not here.link:
        return 66, "Nothing is installed here."
    here.start(machine.next_pid())
    return 0, ""


def _probe(machine: "FakeMachine", here: FakeInstance, version: str) -> tuple[int, str]:
    if here.running != version:
        return 70, f"the process is of release {here.running or 'unknown'}, not of {version}"
    if version in machine.unhealthy:
        return 70, NOT_HEALTHY
    return 0, f"Healthy: process {here.pid} runs {version}."


def _prune(machine: "FakeMachine", service: str, keep: tuple[str, ...]) -> tuple[int, str]:
    here = [i for (of, _), i in machine.instances.items() if of == service]
    used = {version for i in here for version in (i.link, *i.drains)}
    gone = [v for of, v in machine.releases if of == service and v not in used | set(keep)]
    for version in gone:
        del machine.releases[service, version]
    return 0, "".join(f"Removed release {version}.\n" for version in gone)


def _remove(machine: "FakeMachine", chain: Chain) -> tuple[int, str]:
    here = machine.instances[chain.service, chain.instance]
    if here.pid:
        return 75, "still runs: stop it first"
    here.remove()
    if not any(i.link for (of, _), i in machine.instances.items() if of == chain.service):
        machine.releases = {k: sha for k, sha in machine.releases.items() if k[0] != chain.service}
    return 0, ""

"""Writes a chain down for the host program: lines of `key value`, closed by `end`."""

import re
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import lru_cache

from slipway.core.hosts.seen import Asked
from slipway.core.release.steps import (
    Chain,
    Fence,
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
    Ticket,
    Undrain,
    Unpack,
)
from slipway.core.release.supervisors.kind import SupervisedBy
from slipway.core.spec.values import HealthCheck, Hook
from slipway.core.words.refusal import Invalid

Line = tuple[str, str]
LISTS = ("word", "start", "stop", "status", "check", "undo")

# What leaves something owed, or pays it; and what may prepare files of its release.
TOLD_HOOKS = ("before_activate", "after_activate", "drain", "undrain")

_NAME = re.compile(r"[0-9A-Za-z_+][0-9A-Za-z._+-]{0,127}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SPECIAL = re.compile(r"([\\\"`$])")
_OURS = "_slipway_"  # the host program's own names, which no service may overwrite


def chain_request(chain: Chain) -> bytes:
    """Return the request, as of now.

    Raises Invalid for an environment variable that cannot be one.
    """
    lines: list[Line] = [
        ("service", chain.service),
        ("instance", chain.instance),
        *_fence_lines(chain.fence),
        ("at", str(round(time.time() * 1000))),
    ]
    switches = (t.step.environment for t in chain.tickets if isinstance(t.step, Switch))
    text = "".join(f"{key} {_escaped(value)}\n" for key, value in lines)
    # Hooks around a switch see the environment that it brings.
    text += "".join(f"env {line}\n" for line in _environment_lines(next(switches, ())))
    text += "".join(f"told {line}\n" for line in _environment_lines(chain.told))
    known: SupervisedBy | None = None
    for ticket in chain.tickets:
        supervisor = getattr(ticket.step, "supervised_by", None)
        # One that was told for a ticket before holds until another is.
        text += "".join(_ticket_lines(ticket, None if supervisor == known else supervisor))
        known = supervisor or known
    return f"{text}end\n".encode()


def look_request(asked: Iterable[Asked]) -> bytes:
    """Return the question about single instances."""
    lines: list[Line] = []
    for one in asked:
        lines += [("asked", one.instance), *(_fence_lines(one.fence) if one.fence else ())]
        lines += [("ticket", ticket) for ticket in one.tickets]
        lines.append(("run_as", one.user))
        if one.check is not None:
            lines += [("checked", "1"), *_check_lines(one.check)]
    text = "".join(f"{key} {_escaped(value)}\n" for key, value in lines if value or key in LISTS)
    return f"{text}end\n".encode()


def tickets_request(tickets: Iterable[str]) -> bytes:
    return "".join(f"{ticket}\n" for ticket in (*tickets, "end")).encode()


def _ticket_lines(ticket: Ticket, supervisor: SupervisedBy | None) -> Iterator[str]:
    yield f"ticket {ticket.id}\ntimeout_ms {_ms(ticket.timeout)}\n"
    told = _supervisor_lines(supervisor) if supervisor else ()
    for key, value in (*_step_lines(ticket.step), *told):
        # The host takes it in byte by byte; what is not said is empty there. An empty word is one.
        if value or key in LISTS:
            yield f"{key} {_escaped(value)}\n"
    yield "run\n"


def _step_lines(step: HostStep) -> Iterator[Line]:
    match step:
        case Unpack():
            yield from _unpack_lines(step)
        case RunHook():
            yield from _script_lines(step)
        case Switch():
            yield from _switch_lines(step)
        case Restart() | Start() | Stop() | Remove() | Undrain():
            yield from _running_lines(step)
        case Probe():
            yield from (("step", "probe"), ("version", step.version), *_check_lines(step.check))
        case Receipt():
            yield from (("step", "receipt"), ("rollout", str(step.rollout)))
            yield from (("action", step.action), ("from_version", step.from_version))
            yield "to_version", step.to_version
        case Prune():
            yield from (("step", "prune"), *(("keep", version) for version in step.keep))


def _running_lines(step: Restart | Start | Stop | Remove | Undrain) -> Iterator[Line]:
    yield "step", type(step).__name__.lower()
    if isinstance(step, Restart | Stop):
        yield "stop_timeout_ms", _ms(step.stop_timeout)
    if isinstance(step, Restart | Start) and step.owes is not None:
        yield "owes", str(int(step.owes))


def _script_lines(step: RunHook) -> Iterator[Line]:
    yield from (("step", "hook"), ("version", step.version), ("readers", step.readers))
    if step.hook in TOLD_HOOKS:
        yield "hook", step.hook
    yield from (("user", step.user), *_hook_lines("word", "hook", step.command))
    if step.undo is not None:
        yield from _hook_lines("undo", "undo", step.undo)


def _unpack_lines(step: Unpack) -> Iterator[Line]:
    package = step.package
    yield from (("step", "unpack"), ("version", step.version), ("sha256", package.sha256))
    yield from (("format", package.format.value), ("filename", package.filename))
    yield "limit", str(step.unpacked_limit)


def _switch_lines(step: Switch) -> Iterator[Line]:
    yield from (("step", "switch"), ("version", step.version), ("owner", step.shared_owner))
    yield "readers", step.readers
    yield "fingerprint", _plain(step.fingerprint)
    yield "stop_timeout_ms", _ms(step.stop_timeout)
    for folder in step.shared:
        parts = folder.split("/")
        if not folder.isprintable() or {"", ".", ".."} & set(parts) or "\\" in folder:
            raise Invalid("{folder} cannot be a shared folder.", folder=folder)
        yield "shared", folder
    if step.supervised_by.unit is not None:
        # Of two of the same name systemd takes the last.
        told = (*step.supervised_by.told_by_unit(step.version), *step.environment)
        yield "environment_file", _systemd_environment(told)


def _supervisor_lines(supervisor: SupervisedBy) -> Iterator[Line]:
    yield from (("supervisor", supervisor.kind.value), ("run_user", supervisor.user))
    if supervisor.unit is not None:
        yield from (("unit", supervisor.unit.name), ("unit_text", supervisor.unit.text))
    for name, script in supervisor.scripts:
        yield from _hook_lines(name, name, script)


def _hook_lines(word: str, name: str, hook: Hook) -> Iterator[Line]:
    yield f"{name}_ms", _ms(hook.timeout)
    yield "idle_ms" if name == "hook" else f"{name}_idle_ms", _ms(hook.inactivity_timeout)
    for text in hook.argv:
        yield word, text


def _fence_lines(fence: Fence) -> Iterator[Line]:
    yield from (("epoch", str(fence.epoch)), ("sequence", str(fence.sequence)))
    if fence.installation:
        yield "installation", _plain(fence.installation)


def _plain(name: str) -> str:
    """Return what a host keeps as one word of a line."""
    if name and not _NAME.fullmatch(name):
        raise ValueError(f"not a plain name for a host: {name!r}")
    return name


def _check_lines(check: HealthCheck) -> Iterator[Line]:
    yield from (("interval_ms", _ms(check.interval)), ("check_ms", _ms(check.timeout)))
    yield from (("healthy_ms", _ms(check.min_healthy_time)), ("expect", check.expect))
    yield from (("deadline_ms", _ms(check.healthy_deadline)), ("http", check.http))
    yield from (("tcp", check.tcp), ("statuses", check.status))
    for word in check.command:
        yield "check", word


def _environment_lines(environment: tuple[Line, ...]) -> Iterator[str]:
    for name, value in environment:
        if not _VARIABLE.fullmatch(name) or name.startswith(_OURS):
            raise Invalid("{name} cannot be the name of an environment variable.", name=name)
        yield f"{name} {_escaped(value)}"


def _systemd_environment(environment: tuple[Line, ...]) -> str:
    """Return systemd's EnvironmentFile: in double quotes only these four signs are special."""
    return "".join(
        '{}="{}"\n'.format(name, _SPECIAL.sub(r"\\\1", value)) for name, value in environment
    )


def _escaped(value: str) -> str:
    if "\0" in value:
        raise Invalid("A value for the host holds a NUL character.")
    return value.replace("\\", "\\\\").replace("\n", "\\n")


@lru_cache(maxsize=1024)
def _ms(time: timedelta) -> str:
    return str(max(round(time.total_seconds() * 1000), 0))

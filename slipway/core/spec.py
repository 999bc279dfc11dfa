"""The release spec as people write it: read strictly, overridden per service, written as JSON."""

import re
from collections.abc import Mapping
from dataclasses import fields

from slipway.core.documents import Section, load
from slipway.core.durations import format_duration
from slipway.core.names import check_user_name, shown
from slipway.core.places import check_places
from slipway.core.refusal import Invalid
from slipway.core.spec_values import (
    HealthCheck,
    Hook,
    Limits,
    ReleaseSpec,
    Scripts,
    Supervisor,
)

__all__ = [
    "HealthCheck",
    "Hook",
    "Limits",
    "ReleaseSpec",
    "Scripts",
    "Supervisor",
    "merge_spec",
    "parse_spec",
    "spec_as_dict",
]

_KEYS = (
    "run",
    "supervisor",
    "user",
    "environment",
    "stop_timeout",
    "shared",
    "scripts",
    "health",
    "limits",
    "keep_releases",
)
_SECTIONS = ("environment", "scripts", "health", "limits")
_SCRIPTS = tuple(each.name for each in fields(Scripts))
_SUPERVISING = ("start", "stop", "status")
_CHECKS = ("http", "tcp", "command")
_TIMES = ("interval", "timeout", "min_healthy_time", "healthy_deadline")
# What an instance is must not be said twice, and differently.
_OURS = ("PORT", "VERSION", "WEIGHT", "SERVICE", "INSTANCE", "SHARED", "RELEASE")

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_SHARED = re.compile(r"[0-9A-Za-z_-][0-9A-Za-z._-]*(/[0-9A-Za-z_-][0-9A-Za-z._-]*)*")
_MEMORY = re.compile(r"[1-9][0-9]{0,15}[KMGT]?")
_CPU = re.compile(r"[1-9][0-9]{0,5}%")
_HTTP = re.compile(r"https?://[^\s/]+(/\S*)?")
_TCP = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._${}-]+):([0-9]{1,5}|\$\{PORT\})")


def parse_spec(source: str | Mapping[str, object]) -> ReleaseSpec:
    """Read a slipway.yaml, or a mapping of the same keys. Raises Invalid that names the key."""
    document = load(source) if isinstance(source, str) else source
    top = Section.of(document, "", _KEYS)
    spec = ReleaseSpec(
        run=_argv(top, "run"),
        supervisor=_supervisor(top),
        user=_user(top),
        environment=_environment(top),
        stop_timeout=top.duration("stop_timeout", ReleaseSpec().stop_timeout),
        shared=_shared(top),
        scripts=_scripts(top),
        health=_health(top),
        limits=_limits(top),
        keep_releases=top.number("keep_releases", 1, 100) or ReleaseSpec().keep_releases,
    )
    return _without_contradiction(spec)


def merge_spec(package: Mapping[str, object], service: Mapping[str, object]) -> dict[str, object]:
    """Return the package's keys overridden by the service's own, both as in `slipway.yaml`.

    Sections are overridden key by key. What the service says another way replaces what it
    contradicts: another check, or another supervisor. Raises Invalid when a section is none.
    """
    chosen = service.get("supervisor") or (Supervisor.SYSTEMD.value if service.get("run") else "")
    merged = {**package, **service}
    if chosen:
        merged["supervisor"] = chosen
    if chosen == Supervisor.SCRIPT and "run" not in service:
        merged.pop("run", None)
    for name in _SECTIONS:
        ours = Section.of(package.get(name), name).values
        theirs = Section.of(service.get(name), name).values
        replaced: tuple[str, ...] = ()
        if name == "health" and any(check in theirs for check in _CHECKS):
            replaced = (*_CHECKS, "expect")
        if name == "scripts" and chosen == Supervisor.SYSTEMD:
            replaced = _SUPERVISING
        kept = {key: value for key, value in ours.items() if key not in replaced}
        if name in merged:
            merged[name] = kept | dict(theirs)
    return merged


def spec_as_dict(spec: ReleaseSpec) -> dict[str, object]:
    """Return `spec` as JSON values that `parse_spec` reads back as the same."""
    scripts = {name: getattr(spec.scripts, name) for name in _SCRIPTS}
    return {
        "run": list(spec.run),
        "supervisor": spec.supervisor.value,
        "user": spec.user,
        "environment": dict(spec.environment),
        "stop_timeout": format_duration(spec.stop_timeout),
        "shared": list(spec.shared),
        "scripts": {name: _hook_as_dict(hook) for name, hook in scripts.items() if hook},
        "health": _health_as_dict(spec.health),
        "limits": {
            "memory": spec.limits.memory_max,
            "cpu": spec.limits.cpu_quota,
            "tasks": spec.limits.tasks_max,
            "open_files": spec.limits.open_files,
        },
        "keep_releases": spec.keep_releases,
    }


def _hook_as_dict(hook: Hook) -> dict[str, object]:
    return {
        "run": list(hook.argv),
        "timeout": format_duration(hook.timeout),
        "inactivity_timeout": format_duration(hook.inactivity_timeout),
    }


def _health_as_dict(check: HealthCheck) -> dict[str, object]:
    return {
        "http": check.http,
        "tcp": check.tcp,
        "command": list(check.command),
        "expect": check.expect,
        **{name: format_duration(getattr(check, name)) for name in _TIMES},
    }


def _supervisor(top: Section) -> Supervisor:
    text = top.text("supervisor", Supervisor.SYSTEMD.value)
    if text not in list(Supervisor):
        raise Invalid(
            "supervisor should be {known}.",
            known=" or ".join(Supervisor),
        )
    return Supervisor(text)


def _user(top: Section) -> str:
    user = top.text("user")
    return check_user_name(user) if user else ""


def _environment(top: Section) -> tuple[tuple[str, str], ...]:
    section = top.section("environment")
    for name in section.values:
        if not _VARIABLE.fullmatch(name):
            raise Invalid("{key} cannot be the name of a variable.", key=section.at(shown(name)))
        if name in _OURS:
            raise Invalid(
                "{key} is set by Slipway to what the instance really is.",
                hint="Take it out, or call yours by another name.",
                key=section.at(name),
            )
    return tuple((name, check_places(section.text(name))) for name in sorted(section.values))


def _shared(top: Section) -> tuple[str, ...]:
    folders = top.texts("shared")
    for folder in folders:
        if not _SHARED.fullmatch(folder):
            raise Invalid(
                "shared: {folder} is not a folder inside the release.",
                hint="Write plain relative names, like [logs, var/data].",
                folder=shown(folder),
            )
        if any(other != folder and other.startswith(f"{folder}/") for other in folders):
            raise Invalid("shared: {folder} holds another shared folder.", folder=folder)
    return tuple(dict.fromkeys(folders))


def _argv(section: Section, key: str) -> tuple[str, ...]:
    return tuple(check_places(word) for word in section.argv(key))


def _scripts(top: Section) -> Scripts:
    section = top.section("scripts", _SCRIPTS)
    return Scripts(**{name: _hook(section, name) for name in section.values})


def _hook(section: Section, name: str) -> Hook | None:
    if isinstance(section.values[name], Mapping):
        said = section.section(name, ("run", "timeout", "inactivity_timeout"))
        argv = _argv(said, "run")
        if not argv:
            raise Invalid("{key} is missing.", key=said.at("run"))
        timeout = said.duration("timeout", Hook(()).timeout)
        return Hook(argv, timeout, said.duration("inactivity_timeout", timeout))
    argv = _argv(section, name)
    return Hook(argv) if argv else None


def _health(top: Section) -> HealthCheck:
    section = top.section("health", (*_CHECKS, "expect", *_TIMES))
    default = HealthCheck()
    times = {name: section.duration(name, getattr(default, name)) for name in _TIMES}
    check = HealthCheck(
        http=check_places(section.text("http")),
        tcp=check_places(section.text("tcp")),
        command=_argv(section, "command"),
        expect=check_places(section.text("expect")),
        **times,
    )
    _check_health(check)
    return check


def _check_health(check: HealthCheck) -> None:
    said = [name for name in _CHECKS if getattr(check, name)]
    if len(said) > 1:
        raise Invalid(
            "health has both {first} and {second}.",
            hint="Keep one of http, tcp and command.",
            first=said[0],
            second=said[1],
        )
    if check.http and not _HTTP.fullmatch(check.http):
        raise Invalid("health.http should be a URL, like http://127.0.0.1:${PORT}/healthz.")
    if check.tcp and not _TCP.fullmatch(check.tcp):
        raise Invalid("health.tcp should be HOST:PORT, like 127.0.0.1:${PORT}.")
    if check.expect and not check.http:
        raise Invalid("health.expect needs health.http: there is no other answer to look into.")
    if not check.interval or not check.timeout or not check.healthy_deadline:
        raise Invalid("health: interval, timeout and healthy_deadline should be more than 0s.")
    if check.healthy_deadline <= check.min_healthy_time:
        raise Invalid(
            "health.healthy_deadline ({deadline}) should be more than min_healthy_time ({least}).",
            deadline=format_duration(check.healthy_deadline),
            least=format_duration(check.min_healthy_time),
        )


def _limits(top: Section) -> Limits:
    section = top.section("limits", ("memory", "cpu", "tasks", "open_files"))
    memory, cpu = section.text("memory"), section.text("cpu")
    if memory and not _MEMORY.fullmatch(memory):
        raise Invalid("limits.memory should be bytes with K, M, G or T, like 512M.")
    if cpu and not _CPU.fullmatch(cpu):
        raise Invalid("limits.cpu should be a share of one processor, like 150%.")
    tasks = section.number("tasks", 1, 10_000_000)
    files = section.number("open_files", 1, 10_000_000)
    return Limits(memory, cpu, tasks, Limits().open_files if files is None else files)


def _without_contradiction(spec: ReleaseSpec) -> ReleaseSpec:
    if spec.supervisor is Supervisor.SCRIPT and spec.run:
        raise Invalid(
            "run is said, and supervisor: script too.",
            hint="Keep run for a unit, or supervisor: script with scripts.start and scripts.stop.",
        )
    for name in _SUPERVISING:
        if spec.supervisor is Supervisor.SYSTEMD and getattr(spec.scripts, name):
            raise Invalid(
                "scripts.{name} is said, and the supervisor is systemd, which does not use it.",
                hint="Add supervisor: script, or take scripts.{name} out.",
                name=name,
            )
    return spec

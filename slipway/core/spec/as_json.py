"""A release spec written as JSON values."""

from dataclasses import fields

from slipway.core.spec.values import EVERYBODY, HealthCheck, Hook, ReleaseSpec, Scripts
from slipway.core.words.durations import format_duration

_SCRIPTS = tuple(each.name for each in fields(Scripts))
_TIMES = ("interval", "timeout", "min_healthy_time", "healthy_deadline")


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
        # Where it says nothing new, what is there keeps its fingerprint.
        **({"readable_by": EVERYBODY} if spec.readable_by == EVERYBODY else {}),
    }


def _hook_as_dict(hook: Hook) -> dict[str, object]:
    return {
        "run": list(hook.argv),
        "timeout": format_duration(hook.timeout),
        "inactivity_timeout": format_duration(hook.inactivity_timeout),
        **({"way_back": True} if hook.way_back else {}),
    }


def _health_as_dict(check: HealthCheck) -> dict[str, object]:
    return {
        "http": check.http,
        "tcp": check.tcp,
        "command": list(check.command),
        "expect": check.expect,
        **({"status": check.status} if check.status else {}),
        **{name: format_duration(getattr(check, name)) for name in _TIMES},
    }

"""The systemd unit of an instance: hardened, the same text for every version."""

import posixpath
import re
from collections.abc import Callable, Mapping

from slipway.core.release.layout import InstanceContext
from slipway.core.spec.places import fill
from slipway.core.spec.starting import no_run
from slipway.core.spec.values import Limits, ReleaseSpec
from slipway.core.words.documents import one_line
from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid

# These change without the unit: systemd takes them from the environment file when it starts it.
FROM_ENVIRONMENT = ("VERSION", "WEIGHT", "RELEASE")

_PLAIN = re.compile(r"[0-9A-Za-z_./:=,@+-]+")
_LATER = re.compile(f"\0({'|'.join(FROM_ENVIRONMENT)})\0")
_HIDDEN_BY_PROTECT_HOME = ("/home/", "/root/", "/run/user/")
_HIDDEN_BY_PRIVATE_TMP = ("/tmp/", "/var/tmp/")

_ALWAYS = """\
NoNewPrivileges=yes
ProtectSystem=full
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
LockPersonality=yes
"""


def unit_text(ctx: InstanceContext, spec: ReleaseSpec) -> str:
    """Return the whole unit file, which names no version, so that switching does not change it.

    Raises Invalid when `run` is missing or cannot be said to systemd.
    """
    stop = max(int(spec.stop_timeout.total_seconds()), 1)
    return (
        "[Unit]\n"
        f"Description={ctx.service} {ctx.instance}, released by Slipway\n"
        "Wants=network-online.target\n"
        "After=network-online.target\n"
        "StartLimitIntervalSec=60\n"
        "StartLimitBurst=10\n"
        "\n"
        "[Service]\n"
        "Type=exec\n"
        f"ExecStart={_exec_start(ctx, spec.run)}\n"
        f"WorkingDirectory={ctx.current}\n"
        f"EnvironmentFile={ctx.environment_file}\n"
        + (f"User={spec.user}\n" if spec.user else "")
        + f"SyslogIdentifier={ctx.service}\n"
        "KillMode=mixed\n"
        f"TimeoutStopSec={stop}\n"
        "Restart=on-failure\n"
        "RestartSec=1\n"
        + _limits(spec.limits)
        + _ALWAYS
        + _protections(ctx)
        + "\n[Install]\nWantedBy=multi-user.target\n"
    )


def _exec_start(ctx: InstanceContext, run: tuple[str, ...]) -> str:
    if not run:
        raise no_run(ctx.service)
    for word in run:
        one_line(word, "run")
    program, *arguments = run
    return " ".join([*_program(ctx, program), *(_argument(ctx, word) for word in arguments)])


def _program(ctx: InstanceContext, word: str) -> tuple[str, ...]:
    """Return the absolute program, found through `current`; a bare name is looked up by env."""
    places = {name: v for name, v in ctx.places("").items() if name not in FROM_ENVIRONMENT}
    program = fill(word, places | {"RELEASE": ctx.current})
    if "/" not in program:
        if "=" in program:
            raise Invalid(
                "run begins with {word}, which is not a program.",
                hint="No shell runs it: put variables under environment.",
                word=shown(word),
            )
        return "/usr/bin/env", quoted(program)
    path = posixpath.normpath(posixpath.join(ctx.current, program))
    if not program.startswith("/") and not path.startswith(f"{ctx.current}/"):
        raise Invalid("run: {program} leaves the release.", program=shown(program))
    return (quoted(path),)


def _argument(ctx: InstanceContext, word: str) -> str:
    return with_later(word, ctx.places(""), quoted)


def with_later(word: str, places: Mapping[str, str], quote: Callable[[str], str]) -> str:
    """Return the word as systemd is to read it, and to fill it when it starts the unit."""
    # What systemd shall fill is marked by NUL, which no word holds, until all else is escaped:
    # so a literal `$${VERSION}` of the release spec stays literal.
    text = fill(word, {**places, **{name: f"\0{name}\0" for name in FROM_ENVIRONMENT}})
    return _LATER.sub(r"${\1}", quote(text.replace("$", "$$")))


def quoted(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _limits(limits: Limits) -> str:
    lines = [f"LimitNOFILE={limits.open_files}\n"]
    if limits.memory_max:
        lines.append(f"MemoryMax={limits.memory_max}\n")
    if limits.cpu_quota:
        lines.append(f"CPUQuota={limits.cpu_quota}\n")
    if limits.tasks_max is not None:
        lines.append(f"TasksMax={limits.tasks_max}\n")
    return "".join(lines)


def _protections(ctx: InstanceContext) -> str:
    """Return the protections that would hide the root folder itself, as far as it allows them."""
    root = f"{ctx.root}/"
    at_home = root.startswith(_HIDDEN_BY_PROTECT_HOME)
    in_tmp = root.startswith(_HIDDEN_BY_PRIVATE_TMP)
    return (
        f"ProtectHome={'read-only' if at_home else 'yes'}\n"
        + ("" if in_tmp else "PrivateTmp=yes\n")
        # A minus: the folder may not be there yet.
        + f"ReadWritePaths=-{ctx.shared}\n"
    )

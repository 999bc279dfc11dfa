"""The unit that starts a service by its own scripts with its host: nothing else is done by it."""

import posixpath
import re
from collections.abc import Mapping

from slipway.core.release.layout import InstanceContext
from slipway.core.release.unit import quoted, with_later
from slipway.core.spec.places import ROLLOUT_PLACES, fill, names_in
from slipway.core.spec.values import Hook, ReleaseSpec
from slipway.core.words.sentence import Sentence

_CONTROL = re.compile(r"[\x01-\x1f\x7f]")


def told_at_boot(version: str) -> tuple[tuple[str, str], ...]:
    """Return what a script finds that a host starts by itself: a start, of no batch."""
    return tuple(zip(ROLLOUT_PLACES, ("start", version, version, "0", "0"), strict=True))


def why_not_at_boot(
    host: str, user: str, become: str, facts: Mapping[str, object]
) -> Sentence | None:
    """Say why a host does not start again what runs there by its own scripts; None where it does,
    or was never looked at."""
    if facts.get("systemd") is False:
        return Sentence.of(
            "no_systemd_at_boot",
            "{host} starts no service by scripts when it is restarted: systemd does not run there.",
            hint="Let the host's own boot scripts start them.",
            host=host,
        )
    may_write = user == "root" or (become == "sudo" and facts.get("can_become_root") is not False)
    if facts and not may_write:
        return Sentence.of(
            "no_right_at_boot",
            "{host} starts no service by scripts when it is restarted: {user} may write no unit.",
            hint="Let {user} have sudo without password there: slipway host change {host} --sudo",
            host=host,
            user=user,
        )
    return None


def boot_unit_text(ctx: InstanceContext, spec: ReleaseSpec, start: Hook) -> str:
    """Return the whole unit file, which names no version.

    An empty `User=` is whoever logs in there. What the start script leaves running is in the unit's
    cgroup, and is ended with it: with force after the stop timeout.
    """
    return (
        "[Unit]\n"
        f"Description={ctx.service} {ctx.instance}, started with its host for Slipway\n"
        "Wants=network-online.target\n"
        "After=network-online.target\n"
        "\n"
        "[Service]\n"
        "Type=oneshot\n"
        "RemainAfterExit=yes\n"
        f"ExecStart={_exec_start(ctx, start.argv)}\n"
        f"WorkingDirectory={ctx.current}\n"
        "EnvironmentFile=-/etc/environment\n"
        f"EnvironmentFile={ctx.environment_file}\n"
        f"User={spec.user}\n"
        f"SyslogIdentifier={ctx.service}\n"
        f"TimeoutStartSec={_seconds(start.timeout.total_seconds())}\n"
        "KillMode=control-group\n"
        f"TimeoutStopSec={_seconds(spec.stop_timeout.total_seconds())}\n"
        f"LimitNOFILE={spec.limits.open_files}\n"
        "\n[Install]\nWantedBy=multi-user.target\n"
    )


def _seconds(time: float) -> int:
    return max(int(time), 1)


def _exec_start(ctx: InstanceContext, argv: tuple[str, ...]) -> str:
    program, *arguments = argv
    return " ".join([_program(ctx, program), *(_argument(ctx, word) for word in arguments)])


def _program(ctx: InstanceContext, word: str) -> str:
    known = {**dict(told_at_boot("")), **ctx.places(""), "RELEASE": ctx.current}
    is_named_by_version = any(
        name in ("VERSION", "WEIGHT", *ROLLOUT_PLACES) for name in names_in(word)
    )
    if "/" in word and not is_named_by_version:
        return _quoted(posixpath.join(ctx.current, fill(word, known).removeprefix("./")))
    # The program itself may hold no variable of the environment file.
    path = posixpath.join(ctx.current, word.removeprefix("./")) if "/" in word else word
    return f"/usr/bin/env {_argument(ctx, path)}"


def _argument(ctx: InstanceContext, word: str) -> str:
    told = dict(told_at_boot("\0VERSION\0"))
    return with_later(word, {**told, **ctx.places("")}, _quoted)


def _quoted(text: str) -> str:
    return _CONTROL.sub(lambda sign: f"\\x{ord(sign[0]):02x}", quoted(text))

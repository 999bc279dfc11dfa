"""The unit that starts a service by its own scripts with its host."""

import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from slipway.core.release.boot_unit import boot_unit_text, told_at_boot, why_not_at_boot
from slipway.core.release.layout import InstanceContext
from slipway.core.spec.places import ROLLOUT_PLACES
from slipway.core.spec.values import Hook, ReleaseSpec, Supervisor

CTX = InstanceContext("billing", "web-1", "prod", 8080)
SPEC = ReleaseSpec(
    supervisor=Supervisor.SCRIPT, user="app", stop_timeout=timedelta(milliseconds=500)
)

GOLDEN = """\
[Unit]
Description=billing 8080, started with its host for Slipway
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/opt/slipway/billing/8080/current/bin/start.sh --port 8080 "${VERSION}"
WorkingDirectory=/opt/slipway/billing/8080/current
EnvironmentFile=-/etc/environment
EnvironmentFile=/opt/slipway/billing/8080/environment
User=app
SyslogIdentifier=billing
TimeoutStartSec=120
KillMode=control-group
TimeoutStopSec=1
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
"""


def text(*argv: str, spec: ReleaseSpec = SPEC) -> str:
    return boot_unit_text(CTX, spec, Hook(argv, timedelta(minutes=2)))


def exec_start(*argv: str) -> str:
    return next(line for line in text(*argv).split("\n") if line.startswith("ExecStart="))[10:]


def test_the_whole_unit_names_no_version() -> None:
    assert text("./bin/start.sh", "--port", "${PORT}", "${VERSION}") == GOLDEN


def test_without_a_user_the_host_says_who_logs_in() -> None:
    assert "\nUser=\n" in text("./x", spec=replace(SPEC, user=""))


@pytest.mark.parametrize(
    ("program", "started"),
    [
        ("./bin/x", "/opt/slipway/billing/8080/current/bin/x"),
        ("bin/x", "/opt/slipway/billing/8080/current/bin/x"),
        ("/usr/bin/java", "/usr/bin/java"),
        ("java", "/usr/bin/env java"),
        ("${RELEASE}/x", "/opt/slipway/billing/8080/current/x"),
        ("./my 100%", '"/opt/slipway/billing/8080/current/my 100%%"'),
        # What changes with a version may be no part of the program's own name.
        ("./x-${VERSION}", '/usr/bin/env "/opt/slipway/billing/8080/current/x-${VERSION}"'),
    ],
)
def test_the_script_is_found_through_current(program: str, started: str) -> None:
    assert exec_start(program) == started


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("$(reboot)", '"$$(reboot)"'),
        ("a\nExecStart=/bin/evil", '"a\\x0aExecStart=/bin/evil"'),
        ("\t;%n", '"\\x09;%%n"'),
        ('"', '"\\""'),
        ("$${VERSION}", '"$${VERSION}"'),
        ("${ROLLOUT_KIND}:${BATCH}", "start:0"),
        ("${FROM_VERSION}>${TO_VERSION}", '"${VERSION}>${VERSION}"'),
    ],
)
def test_a_word_is_what_it_was(word: str, written: str) -> None:
    assert exec_start("./x", word) == f"/opt/slipway/billing/8080/current/x {written}"


def test_what_is_done_at_boot_is_a_start_of_no_batch() -> None:
    told = dict(told_at_boot("1.0"))
    assert tuple(told) == ROLLOUT_PLACES
    assert (told["ROLLOUT_KIND"], told["TO_VERSION"], told["BATCH"]) == ("start", "1.0", "0")


ABLE = {"systemd": True, "can_become_root": True}


@pytest.mark.parametrize(
    ("user", "become", "facts", "code"),
    [
        ("root", "none", ABLE, ""),
        ("deploy", "sudo", ABLE, ""),
        ("deploy", "none", {}, ""),  # never looked at
        ("deploy", "none", ABLE, "no_right_at_boot"),
        ("deploy", "sudo", {**ABLE, "can_become_root": False}, "no_right_at_boot"),
        ("root", "none", {**ABLE, "systemd": False}, "no_systemd_at_boot"),
    ],
)
def test_why_a_host_starts_no_scripts(
    user: str, become: str, facts: dict[str, object], code: str
) -> None:
    said = why_not_at_boot("web-1", user, become, facts)
    assert (said.code if said else "") == code


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")
def test_systemd_takes_it(tmp_path: Path) -> None:
    path = tmp_path / "slipway-billing-8080.service"
    path.write_text(text("/bin/sh", "a\nb", "$x %n", "${VERSION}").replace("User=app", "User=root"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "slipway-billing" in line]
    assert ours == [], done.stderr

"""The unit of an instance: hardened, exactly escaped, the same for every version."""

import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.core.release.layout import InstanceContext
from slipway.core.release.unit import unit_text
from slipway.core.spec.values import Limits, ReleaseSpec
from slipway.core.words.refusal import Invalid

CTX = InstanceContext("billing", "web-1", "prod", 8080)
SPEC = ReleaseSpec(run=("./bin/billing", "--port", "${PORT}"), user="app")

GOLDEN = """\
[Unit]
Description=billing 8080, released by Slipway
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=60
StartLimitBurst=10

[Service]
Type=exec
ExecStart=/opt/slipway/billing/8080/current/bin/billing --port 8080 "--version=${VERSION}"
WorkingDirectory=/opt/slipway/billing/8080/current
EnvironmentFile=/opt/slipway/billing/8080/environment
User=app
SyslogIdentifier=billing
KillMode=mixed
TimeoutStopSec=30
Restart=on-failure
RestartSec=1
LimitNOFILE=4096
MemoryMax=512M
CPUQuota=150%
TasksMax=200
NoNewPrivileges=yes
ProtectSystem=full
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
LockPersonality=yes
ProtectHome=yes
PrivateTmp=yes
ReadWritePaths=-/opt/slipway/billing/8080/shared

[Install]
WantedBy=multi-user.target
"""


def exec_start(*run: str, ctx: InstanceContext = CTX) -> str:
    text = unit_text(ctx, ReleaseSpec(run=run))
    return next(line for line in text.splitlines() if line.startswith("ExecStart="))[10:]


def test_the_whole_unit() -> None:
    run = ("./bin/billing", "--port", "${PORT}", "--version=${VERSION}")
    spec = replace(SPEC, run=run, limits=Limits("512M", "150%", 200, 4096))
    assert unit_text(CTX, spec) == GOLDEN


def test_without_user_and_limits_nothing_is_said_of_them() -> None:
    text = unit_text(CTX, ReleaseSpec(run=("./x",)))
    for key in ("User=", "MemoryMax=", "CPUQuota=", "TasksMax="):
        assert key not in text


@pytest.mark.parametrize(
    ("program", "started"),
    [
        ("./bin/x", "/opt/slipway/billing/8080/current/bin/x"),
        ("bin/x", "/opt/slipway/billing/8080/current/bin/x"),
        ("./bin/../x", "/opt/slipway/billing/8080/current/x"),
        ("${RELEASE}/x", "/opt/slipway/billing/8080/current/x"),
        ("/usr/bin/java", "/usr/bin/java"),
        ("java", "/usr/bin/env java"),  # old systemd takes absolute programs only
        ("./${SERVICE}-${PORT}", "/opt/slipway/billing/8080/current/billing-8080"),
        ("./my app", '"/opt/slipway/billing/8080/current/my app"'),
        ("./100%", '"/opt/slipway/billing/8080/current/100%%"'),
    ],
)
def test_the_program_is_absolute_and_found_through_current(program: str, started: str) -> None:
    assert exec_start(program) == started


@pytest.mark.parametrize("program", ["../x", "./a/../../x", "./${VERSION}", "A=1", "${NOPE}"])
def test_a_program_outside_the_release_or_named_by_version_is_refused(program: str) -> None:
    with pytest.raises(Invalid):
        exec_start(program)


def test_what_changes_with_a_version_is_left_to_the_environment_file() -> None:
    line = exec_start("./x", "${VERSION}", "${WEIGHT}", "${RELEASE}/conf", "${HOST}")
    assert line.endswith('"${VERSION}" "${WEIGHT}" "${RELEASE}/conf" web-1')


@pytest.mark.parametrize(
    ("argument", "written"),
    [
        ("$HOME", '"$$HOME"'),
        ("$${VERSION}", '"$${VERSION}"'),
        ("50%", '"50%%"'),
        ('say "hi"', '"say \\"hi\\""'),
        ("it's", '"it\'s"'),
        ("a\\b", '"a\\\\b"'),
        (";", '";"'),
        ("", '""'),
        ("发布", '"发布"'),
        ("--url=http://127.0.0.1:1/", "--url=http://127.0.0.1:1/"),
    ],
)
def test_systemd_reads_an_argument_as_it_was_meant(argument: str, written: str) -> None:
    assert exec_start("./x", argument).removeprefix(f"{CTX.current}/x ") == written


@pytest.mark.parametrize("bad", ["a\nb", "a\rb", "a\0b", "a\x1bb", "\ud800"])
def test_nothing_can_begin_a_line_of_its_own(bad: str) -> None:
    with pytest.raises(Invalid, match="one line of plain text"):
        exec_start("./x", bad)
    with pytest.raises(Invalid, match="one line of plain text"):
        exec_start(f"./{bad}")


def test_a_service_that_does_not_say_what_to_run_gets_no_unit() -> None:
    with pytest.raises(Invalid, match="does not say what to run"):
        unit_text(CTX, ReleaseSpec())


@pytest.mark.parametrize(
    ("root", "home", "private_tmp"),
    [
        ("/opt/slipway", "ProtectHome=yes", True),
        ("/home/deploy/slipway", "ProtectHome=read-only", True),
        ("/root", "ProtectHome=read-only", True),
        ("/tmp/x", "ProtectHome=yes", False),
        ("/homes", "ProtectHome=yes", True),
    ],
)
def test_no_protection_hides_the_release_itself(root: str, home: str, private_tmp: bool) -> None:
    text = unit_text(replace(CTX, root=root), SPEC)
    assert f"\n{home}\n" in text
    assert ("\nPrivateTmp=yes\n" in text) == private_tmp


def read_as_systemd_does(line: str) -> list[str]:
    """Return the words of an ExecStart line by systemd.syntax(7) and systemd.service(5)."""
    words = []
    for quoted, plain in re.findall(r'"((?:[^"\\]|\\.)*)"|([^\s"]+)', line):
        word = re.sub(r"\\(.)", r"\1", quoted) if quoted or not plain else plain
        assert not re.search(r"(?<!%)(%%)*%(?!%)", word), "a specifier"
        word = word.replace("%%", "%")
        assert not re.search(r"(?<!\$)(\$\$)*\$(?!\$)", word), "a variable"
        words.append(word.replace("$$", "$"))
    return words


plain = st.characters(exclude_categories=["Cc", "Cs"])


@given(st.lists(st.text(plain).map(lambda text: text.replace("${", "{")), max_size=5))
def test_any_argument_arrives_unchanged(arguments: list[str]) -> None:
    line = exec_start("./x", *arguments)
    assert "\n" not in line
    assert read_as_systemd_does(line)[1:] == arguments


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_systemd_itself_accepts_the_unit(tmp_path: Path) -> None:
    ctx = replace(CTX, root=str(tmp_path))
    program = Path(ctx.current) / "bin" / "billing"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    run = ("./bin/billing", "${VERSION}", 'a "b" \\ $HOME 50% ;', ";", "")
    unit = tmp_path / ctx.unit
    unit.write_text(unit_text(ctx, ReleaseSpec(run=run, limits=Limits("512M", "150%", 200))))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "SYSTEMD_COLORS": "0", "SYSTEMD_LOG_LEVEL": "warning"},
        check=False,
    )
    assert ctx.unit not in done.stderr
    assert done.returncode == 0, done.stderr

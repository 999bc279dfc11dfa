"""Each line of programs.txt: why a host cannot start it is said in one sentence."""

from pathlib import Path

import pytest

from tests.corpus.library import run

LINES = [
    line.split(" :: ")
    for line in Path(__file__).with_name("programs.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("# ")
]
NOTHING = "echo nobody can say"


@pytest.mark.parametrize(("begins", "mode", "expected"), LINES)
def test_why_it_does_not_start(begins: str, mode: str, expected: str, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(begins.encode().decode("unicode_escape").encode("latin-1"))
    program.chmod(int(mode, 8))
    said = run(f'find_cause "{program}" && echo "$cause" || echo none')
    assert expected.replace("PROGRAM", str(program)) in said


def test_one_that_is_not_there_is_named(tmp_path: Path) -> None:
    said = run(f'find_cause "{tmp_path}/gone" && echo "$cause"')
    assert said == f"{tmp_path}/gone is not there"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("ExecMainCode=1\nExecMainStatus=0", "keep it in the foreground (no daemon)"),
        ("ExecMainCode=1\nExecMainStatus=217\nUser=nemo", "There is no user nemo on this host"),
        (
            "ExecMainCode=1\nExecMainStatus=203\nExecStart={ path=/gone ; argv[]=/gone a ; }",
            "/gone is not there",
        ),
        (
            "ExecMainCode=1\nExecMainStatus=127\n"
            "ExecStart={ path=/usr/bin/env ; argv[]=/usr/bin/env no-such-thing -f ; }",
            "no-such-thing is not there",
        ),
        (  # it is there and for this machine, and has said itself what it did not find
            "ExecMainCode=1\nExecMainStatus=127\n"
            "ExecStart={ path=/usr/bin/env ; argv[]=/usr/bin/env sh httpdd ; }",
            "nobody can say",
        ),
        (
            "ExecMainCode=1\nExecMainStatus=127\nExecStart={ path=/bin/sh ; argv[]=/bin/sh a ; }",
            "nobody can say",
        ),
        ("ExecMainCode=1\nExecMainStatus=3", "nobody can say"),
        ("ExecMainCode=2\nExecMainStatus=9", "nobody can say"),
    ],
)
def test_how_a_unit_ended(shown: str, expected: str) -> None:
    told = f"systemctl() {{ echo '{shown}'; }}"
    assert expected in run(told, f'find_end_of_unit; [ -z "$ended" ] && {NOTHING} || echo "$ended"')


def test_a_script_that_could_not_begin_says_why(tmp_path: Path) -> None:
    (tmp_path / "start.sh").write_text("#!/bin/sh\r\n")
    (tmp_path / "start.sh").chmod(0o755)
    told = run('say() { echo "$1"; }', f"_code=127; tell_unstarted ':./start.sh' {tmp_path}")
    assert told.endswith("ends with CR LF: write it with LF alone.")

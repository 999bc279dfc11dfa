"""Supervisors are of one kind: each has all verbs, and nobody else asks which one it is."""

import re
from pathlib import Path

import pytest

from slipway import host
from slipway.core.spec.values import Supervisor
from tests.corpus.library import run

pytestmark = pytest.mark.once

HOST = Path(host.__file__).parent
FOLDER = HOST / "supervisors"
TEXTS = {path: path.read_text() for path in HOST.rglob("*.sh")}
CALLED = {
    verb for text in TEXTS.values() for verb in re.findall(r'"\$\{\w*supervisor\}_(\w+)"', text)
}
KINDS = [kind.value for kind in Supervisor]


def verbs_of(kind: str) -> set[str]:
    return set(re.findall(rf"(?m)^{kind}_(\w+)\(\)", (FOLDER / f"{kind}.sh").read_text()))


@pytest.mark.parametrize("kind", KINDS)
def test_each_supervisor_has_all_the_verbs_that_are_called_and_no_other(kind: str) -> None:
    assert verbs_of(kind) == CALLED


def test_all_verbs_are_explained_where_the_next_supervisor_is_begun() -> None:
    comment = (FOLDER / "supervisor.sh").read_text().partition("# shellcheck")[0]
    lines = re.findall(r"(?m)^#   (\w.*?)(?:  |$)", comment)
    told = {word for line in lines for word in line.split() if word.islower()}
    assert told == CALLED


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_else_asks_which_one_it_is(kind: str) -> None:
    others = [path for path in TEXTS if path != FOLDER / f"{kind}.sh"]
    asks = re.compile(rf"supervisor\"? !?= \"?{kind}\b|^ *\"?{kind}\"?\)|(?<![.\w]){kind}_\w+")
    found = [
        f"{path.relative_to(HOST)}: {line}"
        for path in others
        for line in TEXTS[path].splitlines()
        if asks.search(line.partition("# ")[0])
    ]
    assert found == []


def test_a_word_that_is_no_supervisor_is_never_called() -> None:
    for word in ("", "runit", "systemd script", "*", "script;id", "systemd_stop"):
        assert run(f"is_supervisor '{word}' || echo no") == "no"
    for kind in KINDS:
        assert run(f"is_supervisor {kind} && echo yes") == "yes"


def test_a_step_for_a_supervisor_that_it_does_not_know_is_refused() -> None:
    told = run("step=restart supervisor=runit said=''", 'run_step; echo "$? $said"')
    assert told.startswith("64 This host program does not know the supervisor runit.")

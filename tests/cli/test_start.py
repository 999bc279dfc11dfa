"""A command starts fast, because it loads little."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
HEAVY = {"django", "slipway", "rich", "httpx", "typer", "click", "yaml", "pydantic", "asyncio"}
MOST_SECONDS = 0.4

PROGRAM = "import sys; from slipway_cli.main import main; code = main(sys.argv[1:])"


def run(program: str, *words: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if "SLIPWAY" not in name}
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "words",
    [["--help"], ["service", "list", "--help"], ["rollout", "watch", "7"], ["plan", "deploy"]],
)
def test_a_client_command_loads_neither_the_server_nor_heavy_packages(words: list[str]) -> None:
    loaded = run(f"{PROGRAM}; print('LOADED', *sys.modules)", *words).stdout
    modules = {name.partition(".")[0] for name in loaded.rpartition("LOADED")[2].split()}
    assert "slipway_cli" in modules
    assert not modules & HEAVY


@pytest.mark.parametrize("words", [["--version"], ["service", "list", "--help"], ["audit", "list"]])
def test_a_client_command_starts_in_less_than_four_tenths_of_a_second(words: list[str]) -> None:
    def worked() -> float:
        """Seconds of CPU of all children so far: how busy the machine is does not count."""
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    taken = []
    for _ in range(5):
        before = worked()
        run(f"{PROGRAM}; sys.exit(code)", *words)
        taken.append(worked() - before)
    assert min(taken) < MOST_SECONDS


def test_a_command_of_ours_does_not_look_for_commands_of_the_server_package() -> None:
    loaded = run(f"{PROGRAM}; print(*sys.modules)", "service", "list").stdout.split()
    assert "importlib.metadata" not in loaded

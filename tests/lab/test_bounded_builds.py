"""Where systemd runs, it counts what all processes of a build hold together."""

import pytest

from slipway.adapters.builds.command.enclosure import isolation
from tests.lab.laboratory import Lab

MIB = 1024**2
LOOKS = """
read job
echo "$job"
scope=$(tr '/' '\\n' </proc/self/cgroup | grep '\\.scope$' | tail -n 1)
systemctl show --property=Slice,MemoryMax,TasksMax "$scope"
"""


def test_a_build_is_a_scope_with_limits_and_is_told_its_job(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine,) = lab.add_machines("builder")
    monkeypatch.setattr(isolation, "_makes_scopes", lambda: True)  # as on the machine
    command = isolation.bounded(["sh", "-c", LOOKS], memory=64 * MIB, processes=20)
    said = machine.run(*command, input="the job\n").stdout.splitlines()
    assert said[0] == "the job"
    assert set(said[1:]) == {
        "Slice=slipway-builds.slice",
        f"MemoryMax={(64 + 256) * MIB}",
        "TasksMax=36",
    }

"""From a push to running instances on systemd hosts, without a human hand."""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.installation import Installation
from tests.lab.evidence import PORT, evidence_for, evidence_of
from tests.lab.laboratory import Lab
from tests.lab.machines import Machine
from tests.lab.packages import SERVICE, RealPackage, get_node_exporters
from tests.stands.gitlab import GitLabStand
from tests.stands.gitlab_state import Pipeline, Project

NAMES = ("ci-1", "ci-2", "ci-3")
SECRET = "the-secret-of-these-webhooks"
PATH = "dist/node-exporter.tar.gz"
PATIENCE = 120.0  # seconds


@dataclass
class World:
    slipway: Installation
    machines: dict[str, Machine]
    gitlab: GitLabStand
    project: Project

    def push(self, title: str) -> Pipeline:
        """A developer pushes; GitLab starts a pipeline and says so."""
        self.project.commit("main", title)
        pipeline = self.gitlab.push(self.project)
        self.tell(pipeline)
        return pipeline

    def succeed(self, pipeline: Pipeline, package: RealPackage) -> None:
        self.gitlab.print(pipeline, f"packing {package.version}\n")
        self.gitlab.succeed(pipeline, {PATH: package.path.read_bytes()})
        self.tell(pipeline)

    def tell(self, pipeline: Pipeline) -> None:
        """What GitLab posts to a webhook for pipeline events."""
        body = {
            "object_kind": "pipeline",
            "object_attributes": {
                "id": pipeline.id,
                "ref": pipeline.ref,
                "sha": pipeline.sha,
                "status": pipeline.status,
            },
            "project": {"id": self.project.id, "path_with_namespace": self.project.path},
        }
        request = urllib.request.Request(
            f"{self.slipway.url}/hooks/gitlab",
            data=json.dumps(body).encode(),
            headers={
                "Content-Type": "application/json",
                "X-Gitlab-Event": "Pipeline Hook",
                "X-Gitlab-Token": SECRET,
            },
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 202

    def version_of(self, pipeline: Pipeline) -> str:
        """The version that a pipeline became, when it is ready."""

        def ready() -> str:
            listed = self.slipway.items("version", "list", SERVICE)
            found = [v for v in listed if v["commit"] == pipeline.sha]
            return str(found[0]["name"]) if found and found[0]["status"] == "success" else ""

        return str(self.until(ready, f"pipeline {pipeline.id} is a version"))

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := condition():
                return found
            time.sleep(0.2)
        raise AssertionError(f"not within {PATIENCE:g} s: {what}\n{self.slipway.log()}")


@pytest.fixture(scope="module")
def world(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    machines = {machine.name: machine for machine in lab.add_machines(*NAMES)}
    folder = tmp_path_factory.mktemp("slipway")
    slipway = Installation(folder)
    with GitLabStand() as gitlab:
        project = gitlab.add_project("ops/node-exporter")
        try:
            slipway.start()
            (folder / "token").write_text(gitlab.token)
            (folder / "secret").write_text(SECRET)
            (folder / "build.yaml").write_text(f"package: {{path: {PATH}}}\nrefs: [main]\n")
            _introduce(slipway, machines, str(lab.key_file), gitlab, project)
            yield World(slipway, machines, gitlab, project)
        finally:
            slipway.stop()
            for name in NAMES:
                lab.remove_machine(name)


def _introduce(
    slipway: Installation,
    machines: dict[str, Machine],
    key_file: str,
    gitlab: GitLabStand,
    project: Project,
) -> None:
    slipway.ask("env", "create", "test", "--order", "10")
    slipway.ask("key", "add", "default", "--file", key_file)
    for name, machine in machines.items():
        place = ["--address", machine.address, "--port", str(machine.port), "--env", "test"]
        slipway.ask("host", "add", name, *place, "--user", "root", "--accept-key")
    server = ("--kind", "gitlab", "--url", gitlab.url, "--credential-file", "token")
    slipway.ask("build-server", "add", "gitlab", *server)
    built = ("--build-server", "gitlab", "--build-project", project.path, "--build", "build.yaml")
    slipway.ask(
        *("service", "create", SERVICE, "--language", "go", *built),
        *("--hook-secret-file", "secret"),
    )


# One story: each chapter begins where the one before it ended.


def test_a_push_becomes_a_version_that_is_released_once_by_hand(world: World) -> None:
    older, _ = get_node_exporters()
    first = world.push("Begin")
    world.succeed(first, older)
    version = world.version_of(first)
    where = ("--env", "test", "--hosts", ",".join(NAMES), "--port", str(PORT))
    world.slipway.ask("deploy", SERVICE, version, *where, "--wait")
    world.slipway.ask("release-rule", "add", SERVICE, "--env", "test", "--ref", "main")
    for machine in world.machines.values():
        assert evidence_of(machine) == evidence_for(version, older.version)


def test_the_next_push_runs_on_all_hosts_without_a_human_hand(world: World) -> None:
    _, newer = get_node_exporters()
    second = world.push("Count more")
    world.succeed(second, newer)
    version = world.version_of(second)
    wanted = evidence_for(version, newer.version)
    for name, machine in world.machines.items():
        world.until(lambda m=machine: evidence_of(m) == wanted, f"{version} runs on {name}")  # type: ignore[misc]

    def over() -> Any:
        last = world.slipway.items("rollout", "list", "--service", SERVICE)[0]
        return last if last["state"] == "succeeded" else None

    rollout = world.until(over, "the rollout has ended")
    assert (rollout["version"], rollout["created_by"]) == (version, None)  # nobody


def test_a_push_to_another_branch_is_nobodys_version(world: World) -> None:
    world.project.commit("feature/x", "Try something")
    pipeline = world.gitlab.push(world.project, "feature/x")
    world.tell(pipeline)
    heard = str(pipeline.id)

    def looked_into() -> Any:
        items = world.slipway.get(f"/services/{SERVICE}/deliveries")["items"]
        return [d for d in items if d["external_id"] == heard and d["handled_at"]]

    world.until(looked_into, "the webhook was looked into")
    assert len(world.slipway.items("version", "list", SERVICE)) == 2

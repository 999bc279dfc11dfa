"""The demo: a service is built, deployed, upgraded, saved from a bad version, and taken back."""

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from slipway_demo import truth
from slipway_demo.repository import COMMAND, PACKAGE, commit_version, make_repository
from slipway_demo.stage import DemoStage, StageFailed

HOSTS = "web-1,web-2,web-3"


class NotTrue(Exception):
    """A line of the story did not come true."""


class DemoStory:
    """Tells what it does, does it by the command line, and looks at the hosts whether it is so."""

    def __init__(self, stage: DemoStage, say: Callable[[str], None]) -> None:
        self._stage = stage
        self._say = say
        self._began = time.monotonic()

    def tell(self) -> None:
        """Raises NotTrue at the first line that does not come true."""
        self._prepare()
        self._say("\nA developer pushes 1.0. Have it built.")
        first = self._build("1.0")
        self._say("\nDeploy it to three hosts.")
        self._run("deploy", "shop", first, "--env", "demo", "--hosts", HOSTS, "--port", "8080")
        self._check(first, moved=True)
        self._say("\n1.1 is pushed and built. Upgrade: one host first, then the rest in halves.")
        second = self._build("1.1")
        self._run("upgrade", "shop", second, "--env", "demo", "--batches", "1 50%")
        self._check(second, moved=True)
        self._say("\nUpgrade to 1.2, which is built, starts, and never gets healthy.")
        third = self._build("1.2", broken=True)
        self._run("upgrade", "shop", third, "--env", "demo", "--batches", "1 50%", fails=True)
        self._check_taken_back()
        self._check(second)
        self._say("\nA person has looked: unlock, and go back to 1.0 — it still is on the hosts.")
        self._run("unlock", "shop", "--env", "demo", "--reason", "1.2 will be mended", waits=False)
        self._run("rollback", "shop", "--env", "demo", "--to", first)
        self._check(first, moved=False)
        seconds = time.monotonic() - self._began
        self._say(f"\nEvery line came true, seen on the hosts themselves, in {seconds:.0f} s.")

    # --- the parts ---------------------------------------------------------------------------

    def _prepare(self) -> None:
        stage = self._stage
        self._say("An environment, a key, three hosts, a repository and a service built from it.")
        self._run("env", "create", "demo", "--order", "10", waits=False)
        self._run("key", "add", "default", "--file", stage.key_file, waits=False)
        for host in stage.hosts:
            self._run(
                *("host", "add", host["name"], "--address", host["address"]),
                *("--port", str(host["port"]), "--user", host["user"], "--env", "demo"),
                *("--root", host["root"], "--accept-key"),
                waits=False,
            )
        self._repository = make_repository(stage.folder / "repositories" / "shop.git")
        settings = stage.folder / "build.json"
        how = {"command": COMMAND, "package": {"path": PACKAGE}}
        if reason := stage.why_not_isolated:
            self._say(f"Builds cannot be kept apart here ({reason}): they run without.")
        else:
            how["network"] = "none"
        settings.write_text(json.dumps(how))
        where = ("--kind", "command", "--url", self._repository.base_url)
        self._run("build-server", "add", "here", *where, waits=False)
        self._run(
            *("service", "create", "shop", "--language", "python", "--build-server", "here"),
            *("--build-project", self._repository.url, "--build", str(settings)),
            waits=False,
        )

    def _build(self, version: str, *, broken: bool = False) -> str:
        """Push a version and have it built; returns what Slipway calls it."""
        commit = commit_version(self._repository.folder, version, broken=broken)
        said = json.loads(self._run("build", "start", "shop", "--ref", f"v{version}"))
        if said["status"] != "success" or said["commit"] != commit:
            raise NotTrue(f"{said['version']} is {said['status']}: {said['reason']}")
        self._check_kept_apart(str(said["id"]))
        return str(said["version"])

    def _check_kept_apart(self, build: str) -> None:
        log = self._stage.slipway("build", "log", build).stdout
        as_whom = re.search(r"as user (.+?) in namespaces, with no network", log)
        if as_whom:
            self._say(f"    ✓ built as user {as_whom[1]}, in namespaces of its own, offline")
        elif not self._stage.why_not_isolated:
            raise NotTrue(f"build {build} was not kept apart")

    def _run(self, *words: str, waits: bool = True, fails: bool = False) -> str:
        self._say(f"  $ slipway {shlex.join(words)}{' --wait' if waits else ''}")
        done = self._stage.slipway(*words, *(["--wait"] if waits else []), "-o", "json")
        if waits:
            for line in done.stderr.splitlines():
                self._say(f"      {line}")
        if done.returncode != (1 if fails else 0):
            raise NotTrue(f"exit status {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def _json(self, *words: str) -> Any:
        done = self._stage.slipway(*words, "-o", "json")
        if done.returncode:
            raise NotTrue(f"slipway {' '.join(words)}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def _rollouts(self) -> list[dict[str, Any]]:
        listed = self._json("rollout", "list", "--service", "shop")
        rows: list[dict[str, Any]] = listed["items"] if isinstance(listed, dict) else listed
        return sorted(rows, key=lambda row: row["id"])

    def _check_taken_back(self) -> None:
        """The rollout of 1.2 has taken back what it touched, itself, before it ended."""
        last = self._rollouts()[-1]
        if last["end"] != "halted and taken back":
            raise NotTrue(f"rollout {last['id']} ended otherwise: {last['end']}")
        self._say(f"      Rollout {last['id']} was halted, and took back what it had touched.")

    def _check(self, version: str, *, moved: bool | None = None) -> None:
        wrong = truth.differences(self._stage.hosts, version)
        if wrong:
            raise NotTrue("; ".join(wrong))
        said = f"    ✓ {version} answers on all three hosts"
        if moved is not None:
            last = self._json("rollout", "show", str(self._rollouts()[-1]["id"]))
            steps = [step for target in last["targets"] for step in target["steps"]]
            moved_bytes = sum(step["bytes_moved"] for step in steps)
            if (moved_bytes > 0) is not moved:
                raise NotTrue(f"{moved_bytes} package bytes were moved")
            said += f", {moved_bytes} package bytes moved"
        self._say(said)


def run(argv: Sequence[str]) -> int:
    """Tell the story; returns 0 when every line came true."""
    parser = argparse.ArgumentParser(prog="slipway demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the story")
    parser.add_argument("--folder", type=Path, help="keep everything here (a new folder)")
    parser.add_argument("--port", type=int, default=0, help="port of the web UI")
    options = parser.parse_args(argv)
    folder = options.folder or Path(tempfile.mkdtemp(prefix="slipway-demo-"))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with DemoStage(folder.resolve(), options.port) as stage:
            _say(f"Slipway is at {stage.url} — log in as {stage.login}")
            DemoStory(stage, _say).tell()
            if not options.once:
                _stay(stage)
    except (NotTrue, StageFailed) as failure:
        _say(f"\n✗ {failure}\n  Everything is kept in {folder}")
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        _stop_services(folder)
    if options.folder is None:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _stay(stage: DemoStage) -> None:
    _say(f"\nLook at it: {stage.url} — log in as {stage.login}   (Ctrl-C ends it)")
    try:
        signal.pause()
    except KeyboardInterrupt:
        _say("")


def _stop_services(folder: Path) -> None:
    """End what the demo's hosts run: they are folders, and nobody shuts them down."""
    for note in folder.glob("hosts/*/root/shop/*/shared/shop.pid"):
        try:
            pid = int(note.read_text())
            if b"app.py" in Path("/proc", str(pid), "cmdline").read_bytes():
                os.kill(pid, signal.SIGTERM)
        except (OSError, ValueError):
            continue  # it has ended already


def _say(text: str) -> None:
    print(text, file=sys.stdout, flush=True)

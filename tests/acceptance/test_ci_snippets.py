"""What docs/howto/ci says to a CI is carried out, word for word, against a real Slipway."""

import json
import os
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.acceptance.packages import package
from tests.installation import Installation

pytestmark = [pytest.mark.acceptance, pytest.mark.once]

CI = Path(__file__).parents[2] / "docs" / "howto" / "ci"
HOSTILE_REF = "feature/$(touch pwned)'\"&ref=x"
COMMIT = "1a2b3c4d" * 5
SECRET = "a-secret-of-thirty-two-characters"


@pytest.fixture(scope="module")
def slipway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("ci"))
    installation.start()
    try:
        yield installation
    finally:
        installation.stop()


def gitlab_script() -> str:
    document = yaml.safe_load((CI / "slipway.gitlab-ci.yml").read_text())
    (script,) = document[".slipway-upload"]["script"]
    return str(script)


def github_script() -> str:
    document = yaml.safe_load((CI / "github-actions.yml").read_text())
    return str(document["jobs"]["package"]["steps"][-1]["run"])


def jenkins_script() -> str:
    (script,) = re.findall(r"sh '''\n(.*?)'''", (CI / "Jenkinsfile").read_text(), re.DOTALL)
    # As Groovy reads it: a backslash before a newline joins lines, two of them are one.
    return str(script).replace("\\\n", "").replace("\\\\", "\\")


GITLAB = {"CI_JOB_ID": "71", "CI_COMMIT_REF_NAME": HOSTILE_REF, "CI_COMMIT_SHA": COMMIT}
GITHUB = {
    "GITHUB_RUN_ID": "72",
    "GITHUB_RUN_ATTEMPT": "1",
    "GITHUB_REF_NAME": HOSTILE_REF,
    "GITHUB_SHA": COMMIT,
}


def run(slipway: Installation, script: str, folder: Path, **variables: str) -> str:
    """Run it as a CI's runner does: lines for a shell that ends at the first failure."""
    environment = {
        "PATH": os.environ["PATH"],
        "SLIPWAY_URL": slipway.url,
        "SLIPWAY_TOKEN": token(slipway),
        **variables,
    }
    done = subprocess.run(
        ["sh", "-e", "-c", script],
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def token(slipway: Installation) -> str:
    return (slipway.data / "admin-token").read_text().strip()


def api(slipway: Installation, path: str, **body: Any) -> Any:
    request = urllib.request.Request(
        f"{slipway.url}/api/v1{path}",
        data=json.dumps(body).encode() if body else None,
        headers={
            "Authorization": f"Bearer {token(slipway)}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


@pytest.mark.parametrize(
    ("script", "variables"),
    [(gitlab_script(), GITLAB), (github_script(), GITHUB)],
    ids=["gitlab", "github"],
)
def test_an_upload_becomes_a_version_also_when_it_is_sent_twice(
    slipway: Installation,
    tmp_path: Path,
    script: str,
    variables: dict[str, str],
    request: pytest.FixtureRequest,
) -> None:
    service = f"from-{request.node.callspec.id}"
    api(slipway, "/services", name=service)
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "package.tar.gz").write_bytes(package(service, "1.0"))
    where = {"SLIPWAY_SERVICE": service, "SLIPWAY_PACKAGE": "dist/package.tar.gz"}
    first = json.loads(run(slipway, script, tmp_path, **where, **variables))
    again = json.loads(run(slipway, script, tmp_path, **where, **variables))
    assert first["name"] == again["name"]
    (version,) = api(slipway, f"/services/{service}/versions")["items"]
    assert (version["ref"], version["commit"]) == (HOSTILE_REF, COMMIT)
    assert version["status"] == "success"
    assert not (tmp_path / "pwned").exists()


def test_a_jenkins_job_says_that_it_has_ended(slipway: Installation, tmp_path: Path) -> None:
    server = {"base_url": "http://127.0.0.1:9", "credential": "x", "hook_secret": SECRET}
    api(slipway, "/build-servers", name="jenkins", kind="jenkins", **server)
    built = {"build_server": "jenkins", "build_project": "team/billing"}
    api(slipway, "/services", name="billing", **built)
    variables = {
        "JOB_NAME": "team/billing",
        "JOB_BASE_NAME": "billing",
        "BUILD_NUMBER": "17",
        "SLIPWAY_HOOK": SECRET,
    }
    run(slipway, jenkins_script(), tmp_path, **variables)
    (delivery,) = api(slipway, "/services/billing/deliveries")["items"]
    assert (delivery["source"], delivery["external_id"]) == ("jenkins", "17")


def test_no_snippet_shows_a_secret_to_others_on_its_machine() -> None:
    for script in (gitlab_script(), github_script(), jenkins_script()):
        for line in script.splitlines():
            if "SLIPWAY_TOKEN" in line or "SLIPWAY_HOOK" in line:
                assert line.lstrip().startswith("printf "), line  # a word of the shell itself

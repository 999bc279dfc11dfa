"""Who builds: build servers, their secrets and tests, and services that name them."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.conftest import QUICK, Run
from tests.cli.standin import Reply, Standin, said

SECRET = "glpat-secret-0123456789"


def test_a_credential_comes_from_a_file_or_from_input_and_never_from_the_line(
    server: Standin, slipway: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text(SECRET + "\n")
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    monkeypatch.setattr("sys.stdin", io.StringIO("a hook secret\n"))
    server.on("POST /build-servers", Reply({"name": "gitlab"}, 201))
    ended = slipway(
        *[
            "build-server",
            "add",
            "gitlab",
            "--kind",
            "gitlab",
            "--url",
            "https://git.example",
            "--username",
            "u",
        ],
        *("--credential-file", str(tmp_path / "token"), "--hook-secret-file", "-"),
        *("--ca", str(tmp_path / "ca.pem"), "--proxy", "http://proxy:3128"),
        *("--package-base", "https://a", "--package-base", "https://b"),
    )
    assert ended.code == 0, ended.err
    assert server.asked[0].json == {
        "name": "gitlab",
        "kind": "gitlab",
        "base_url": "https://git.example",
        "username": "u",
        "credential": SECRET,
        "hook_secret": "a hook secret",
        "ca_certificate": "-----BEGIN CERTIFICATE-----\n",
        "proxy": "http://proxy:3128",
        "package_bases": ["https://a", "https://b"],
    }
    assert "slipway build-server test gitlab" in ended.err
    assert SECRET not in ended.out + ended.err


def test_input_is_one_secret_and_a_file_has_to_be_there(server: Standin, slipway: Run) -> None:
    twice = ["--credential-file", "-", "--hook-secret-file", "-"]
    assert slipway("build-server", "change", "ci", *twice).code == 2
    assert slipway("build-server", "change", "ci", "--credential-file", "/nowhere").code == 2
    assert slipway("build-server", "change", "ci", "--ca", "/nowhere").code == 2
    assert slipway("build-server", "change", "ci").code == 2
    assert server.asked == []


def test_what_is_empty_takes_a_value_away(server: Standin, slipway: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    server.on("PATCH /build-servers/ci", {"name": "ci"})
    slipway("build-server", "change", "ci", "--proxy", "", "--credential-file", f"{tmp_path}/empty")
    assert server.asked[0].json == {"proxy": "", "credential": ""}


@pytest.mark.parametrize(("works", "code"), [(True, 0), (False, 1)])
def test_a_build_server_is_tested_line_by_line(
    server: Standin, slipway: Run, works: bool, code: int
) -> None:
    server.on("POST /build-servers/ci/checks", Reply({"id": "u-1"}, 202))
    hint = "" if works else "Wake it."
    finding = {"what": "It answers.", "works": works, "hint": hint}
    server.on(
        "GET /build-servers/checks/u-1",
        {"finished": False, "works": False, "findings": []},
        {"finished": True, "works": works, "findings": [finding]},
    )
    ended = slipway("build-server", "test", "ci", "--project", "team/billing")
    assert ended.code == code
    assert server.asked[0].json == {"project": "team/billing"}
    assert said(["It answers.", hint], ended.out)


def test_a_test_that_nobody_does_is_given_up(server: Standin, slipway: Run) -> None:
    server.on("POST /build-servers/ci/checks", Reply({"id": "u-1"}, 202))
    server.on("GET /build-servers/checks/u-1", {"finished": False, "works": False, "findings": []})
    ended = slipway("build-server", "test", "ci", "-o", "json", pauses=replace(QUICK, most=0.03))
    assert (ended.code, ended.document["code"]) == (1, "check_unfinished")


def test_a_service_says_how_it_is_built(server: Standin, slipway: Run, tmp_path: Path) -> None:
    (tmp_path / "build.yaml").write_text("package: {path: dist/app.tar.gz}\nrefs: [main]\n")
    (tmp_path / "secret").write_text("a secret of webhooks\n")
    server.on("PATCH /services/billing", {"name": "billing"})
    words = f"--build-server ci --build-project team/x --build {tmp_path}/build.yaml"
    words += f" --keep-versions 5 --hook-secret-file {tmp_path}/secret"
    assert slipway("service", "change", "billing", *words.split()).code == 0
    assert server.asked[0].json == {
        "build_server": "ci",
        "build_project": "team/x",
        "build": {"package": {"path": "dist/app.tar.gz"}, "refs": ["main"]},
        "keep_versions": 5,
        "hook_secret": "a secret of webhooks",
    }
    slipway("service", "change", "billing", "--build-server", "", "--keep-versions", "0")
    assert server.asked[1].json == {"build_server": "", "keep_versions": None}

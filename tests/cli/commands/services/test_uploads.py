"""Packages go up as a stream, and come back as they went."""

import hashlib
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.standin import Reply, Standin


def test_a_package_is_streamed_with_its_sha256(
    server: Standin, slipway: Run, tmp_path: Path
) -> None:
    package = tmp_path / "billing.tar.gz"
    package.write_bytes(b"p" * 3_000_000)
    server.on("GET /services/billing", {"name": "billing"})
    server.on("POST /services/billing/versions", Reply({"name": "20261123T101502-main-1a2b"}, 201))
    ended = slipway(
        *("version", "upload", "billing", str(package)),
        *("--ref", "feature/x y", "--commit", "1a2b", "-o", "json"),
    )
    assert ended.code == 0
    assert ended.document == {"name": "20261123T101502-main-1a2b"}
    (asked,) = server.requests("POST /services/billing/versions")
    assert asked.body == package.read_bytes()
    assert asked.headers["content-type"] == "application/octet-stream"
    assert asked.query == {
        "filename": "billing.tar.gz",
        "sha256": hashlib.sha256(package.read_bytes()).hexdigest(),
        "ref": "feature/x y",
        "commit": "1a2b",
    }


def test_a_refusal_in_the_middle_of_an_upload_is_heard(
    server: Standin, slipway: Run, tmp_path: Path
) -> None:
    package = tmp_path / "billing.tar.gz"
    package.write_bytes(b"p" * 40_000_000)
    server.on("GET /services/billing", {"name": "billing"})
    problem = {"code": "too_large", "message": "Too large.", "hint": "Make it smaller."}
    server.on("POST /services/billing/versions", Reply(problem, 413, reads_body=False))
    ended = slipway("version", "upload", "billing", str(package))
    assert ended.code == 2
    assert ended.err == "Too large.\nMake it smaller.\n"


def test_the_same_package_again_says_that_it_was_there(
    server: Standin, slipway: Run, tmp_path: Path
) -> None:
    package = tmp_path / "billing.jar"
    package.write_bytes(b"jar")
    server.on("GET /services/billing", {"name": "billing"})
    server.on("POST /services/billing/versions", Reply({"name": "1.0"}, 200))
    ended = slipway("version", "upload", "billing", str(package), "--version", "1.0")
    assert "was there already" in ended.err


def test_a_version_that_cannot_be_started_yet_is_told_with_what_helps(
    server: Standin, slipway: Run, tmp_path: Path
) -> None:
    package = tmp_path / "site.tar.gz"
    package.write_bytes(b"site")
    lacks = {"lacks": "It does not say what to run.", "lacks_hint": "Add run:."}
    server.on("GET /services/billing", {"name": "billing"})
    server.on("POST /services/billing/versions", Reply({"name": "1.0", **lacks}, 201))
    ended = slipway("version", "upload", "billing", str(package))
    assert ended.code == 0
    assert ended.err == (
        "Version 1.0 of billing is stored.\n"
        "It cannot be started yet: It does not say what to run.\n"
        "Add run:.\n"
    )


def test_a_package_that_is_not_there_is_refused_before_anything_is_asked(
    server: Standin, slipway: Run, tmp_path: Path
) -> None:
    ended = slipway("version", "upload", "billing", str(tmp_path / "none.tar.gz"))
    assert ended.code == 2
    assert server.asked == []


PACKAGE = b"jar" * 500_000
VERSION = {
    "name": "1.0",
    "filename": "../billing.jar",
    "size": len(PACKAGE),
    "sha256": hashlib.sha256(PACKAGE).hexdigest(),
}


def test_a_package_comes_back_under_its_own_name_in_this_folder(
    server: Standin, slipway: Run, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own_home)
    server.on("GET /services/billing/versions/latest", VERSION)
    server.on("GET /services/billing/versions/1.0/package", Reply(raw=PACKAGE))
    assert slipway("version", "download", "billing", "latest").code == 0
    assert (own_home / "billing.jar").read_bytes() == PACKAGE
    again = slipway("version", "download", "billing", "latest")
    assert again.code == 2
    assert "is there already" in again.err


def test_a_package_that_arrives_damaged_is_not_kept(
    server: Standin, slipway: Run, tmp_path: Path
) -> None:
    server.on("GET /services/billing/versions/1.0", VERSION)
    server.on("GET /services/billing/versions/1.0/package", Reply(raw=PACKAGE[:-1] + b"x"))
    ended = slipway("version", "download", "billing", "1.0", str(tmp_path / "billing.jar"))
    assert ended.code == 1
    assert list(tmp_path.iterdir()) == []


def test_a_package_for_a_folder_that_is_not_there_is_refused_before_it_is_fetched(
    server: Standin, slipway: Run, tmp_path: Path
) -> None:
    server.on("GET /services/billing/versions/1.0", VERSION)
    ended = slipway("version", "download", "billing", "1.0", str(tmp_path / "none" / "b.jar"))
    assert ended.code == 2
    assert "b.jar cannot be written: No such file or directory." in ended.err
    assert len(server.asked) == 1

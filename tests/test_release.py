"""What is given away is of one version, whole, and the command line of it needs only a Python."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from release import debian
from release.build import main, make, section_of
from release.client import make_client
from release.sources import Refused, copy_sources, make_wheel, read_version
from slipway import __version__

pytestmark = pytest.mark.once

CHANGELOG = "# Changelog\n\nWords.\n\n## Unreleased\n\n* new\n\n## 1.1.0 (2026-10-01)\n\n* old\n"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release")
    return make_client(copy_sources(folder / "sources", "7.8.9"), "7.8.9", folder)


def run(client: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """By a Python that sees nothing that is installed, and not us."""
    return subprocess.run(
        [sys.executable, "-I", "-S", str(client), *words],
        cwd="/",
        env={"SLIPWAY_LANG": "zh", "LC_ALL": "C.UTF-8", "HOME": str(client.parent)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_notes_of_a_version_are_its_section() -> None:
    assert section_of(CHANGELOG, "1.1.0") == "# Changelog\n\n## 1.1.0\n\n* old\n"


def test_the_notes_of_a_version_without_a_section_are_what_is_unreleased() -> None:
    assert section_of(CHANGELOG, "1.2.0") == "# Changelog\n\n## 1.2.0\n\n* new\n"


def test_without_notes_there_is_no_release() -> None:
    with pytest.raises(Refused, match="CHANGELOG"):
        section_of("# Changelog\n", "1.2.0")


@pytest.mark.parametrize("version", ["", "v1", "1.2-3", "../1", "1.2 3"])
def test_what_is_no_version_is_refused_before_anything_is_made(
    version: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "dist"
    assert main(["--version", version or " ", "--into", str(there)]) == 2
    assert "is no version" in capsys.readouterr().err
    assert not there.exists()


def test_a_folder_with_anything_else_in_it_is_refused_and_keeps_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "SHA256SUMS").write_text("0  slipway.old\n")
    (tmp_path / "slipway.old").touch()
    (tmp_path / "letters").mkdir()
    assert main(["--version", "1.2.3", "--into", str(tmp_path)]) == 2
    assert "holds letters" in capsys.readouterr().err
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {"SHA256SUMS", "slipway.old", "letters"}


def test_a_file_where_the_folder_should_be_is_refused_and_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    assert main(["--version", "1.2.3", "--into", str(file)]) == 2
    assert "is no folder" in capsys.readouterr().err
    assert file.read_text() == "mine"


def test_a_release_takes_the_place_of_the_one_made_there_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def making(name: str) -> Callable[..., Path]:
        def make_file(*words: object) -> Path:
            *_, folder = words
            assert isinstance(folder, Path)
            (folder / name).touch()
            return folder / name

        return make_file

    for name in ("make_wheel", "make_client", "make_deb"):
        monkeypatch.setattr(f"release.build.{name}", making(name))
    (tmp_path / "SHA256SUMS").write_text("0  slipway.old\n")
    (tmp_path / "slipway.old").touch()
    made = make(tmp_path, "1.2.3")
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in made}
    assert "slipway.old" not in {path.name for path in made}
    assert main(["--version", "1.2.3", "--into", str(tmp_path)]) == 0


def test_the_version_is_said_in_one_place() -> None:
    assert read_version() == __version__
    assert '\nversion = "' not in Path("pyproject.toml").read_text()


def test_the_client_in_one_file_says_its_version(client: Path) -> None:
    assert run(client, "--version").stdout == "slipway 7.8.9\n"


def test_the_client_in_one_file_speaks_chinese_and_names_every_command(client: Path) -> None:
    refused = run(client, "service", "list")
    assert (refused.returncode, "尚未设置服务器" in refused.stderr) == (2, True)
    shown = run(client, "--help")
    assert (shown.returncode, "rollout" in shown.stdout) == (0, True), shown.stderr


def test_the_wheel_and_the_package_carry_the_license_the_documents_and_whom_to_tell_of_holes(
    tmp_path: Path,
) -> None:
    wheel = make_wheel(copy_sources(tmp_path / "sources", "7.8.9"), tmp_path)
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
        for document in ("LICENSE", "SECURITY.md"):
            (there,) = [name for name in names if name.endswith(f"/licenses/{document}")]
            assert file.read(there) == Path(document).read_bytes()
        (about,) = [name for name in names if name.endswith(".dist-info/METADATA")]
        assert "License-File: LICENSE" in file.read(about).decode()
        served = {name.split("/text/")[1]: file.read(name) for name in names if "/text/" in name}
    sources = {path.relative_to("docs").as_posix() for path in Path("docs").rglob("*.*")}
    assert served.keys() >= {*sources, "howto/ci/Jenkinsfile"}
    assert served["pictures/board.png"] == Path("docs/pictures/board.png").read_bytes()
    debian._add_files(tmp_path / "tree")
    documents = tmp_path / "tree/usr/share/doc/slipway"
    assert (documents / "copyright").read_bytes() == Path("LICENSE").read_bytes()
    assert (documents / "SECURITY.md").read_bytes() == Path("SECURITY.md").read_bytes()

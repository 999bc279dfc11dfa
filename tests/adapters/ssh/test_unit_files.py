"""Whose a unit file is, and what somebody else has made of it: files alone, without a systemd."""

import shlex
from pathlib import Path

import pytest

from tests.corpus.library import run

NAME = "slipway-billing-8080.service"
TEXT = "[Service]\nEnvironmentFile={home}/environment\n"


class Files:
    """An instance whose unit was written, and runs."""

    def __init__(self, folder: Path) -> None:
        self.units, self.home = folder / "units", folder / "root/billing/8080"
        self.wants = self.units / "multi-user.target.wants" / NAME
        self.wants.parent.mkdir(parents=True)
        (self.home / "receipts").mkdir(parents=True)
        self.unit = self.units / NAME
        self.text = TEXT.format(home=self.home)
        self.write(self.text)
        (self.home / ".written").write_text(f"{self.text}\n")
        self.wants.symlink_to(self.unit)

    def write(self, text: str) -> None:
        self.unit.unlink(missing_ok=True)
        self.unit.write_text(text)

    def run(self, *lines: str) -> str:
        given = {
            "units": str(self.units),
            "drop_in_folders": f"{self.units} {self.units}/run",
            "home": str(self.home),
            **{"service": "billing", "instance": "8080", "unit": NAME},
            **{"supervisor": "systemd", "its_pid": "7", "running": ""},
        }
        told = [f"{name}={shlex.quote(value)}" for name, value in given.items()]
        without = ('bounded() { "$@"; }', "systemctl() { :; }")
        return run(*told, *without, *lines)

    def drift(self, *lines: str) -> list[str]:
        said = self.run(*lines, "find_unit_drift", 'printf %s "$found"')
        return [line.removeprefix("drift 8080 ") for line in said.splitlines()]

    def put(self) -> str:
        text = shlex.quote(self.text)
        return self.run(f"decoded={text}", "put_unit; echo $?", 'printf %s "$said"')


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.mark.parametrize("supervisor", ["systemd", "script"])
def test_what_became_of_a_unit_is_told(files: Files, supervisor: str) -> None:
    by = f"supervisor={supervisor}"
    assert files.drift(by) == []
    files.wants.unlink()
    assert files.drift(by) == ["unit-off"]
    assert files.drift(by, "its_pid=''") == [], "what was stopped on purpose is off on purpose"
    files.wants.symlink_to(files.unit)
    files.write(files.text + "Nice=5\n")
    assert files.drift(by) == ["unit"]
    files.unit.unlink()
    assert files.drift(by) == ["unit-gone"]
    files.unit.symlink_to("/dev/null")
    assert files.drift(by) == ["unit-masked"]


def test_where_no_unit_could_be_written_none_is_missing(files: Files) -> None:
    files.unit.unlink()
    (files.home / ".written").write_text("\n")
    assert files.drift("supervisor=script") == []


def test_files_beside_a_unit_are_told_by_path(files: Files) -> None:
    for folder in (files.units, files.units / "run"):
        beside = folder / f"{NAME}.d"
        beside.mkdir(parents=True)
        (beside / "own\n.conf").write_text("[Service]\n")
        (beside / "README").write_text("no part of it")
    (files.units / "slipway-.service.d").mkdir()
    (files.units / "slipway-.service.d/all.conf").write_text("[Service]\n")
    paths = [f"{folder}/{NAME}.d/own .conf" for folder in (files.units, f"{files.units}/run")]
    assert files.drift() == [f"drop-in 2 {', '.join(paths)}"]


def test_what_was_edited_is_written_anew_whatever_it_says_now(files: Files) -> None:
    for text in ("", "[Service]\n", "[Service]\nEnvironmentFile=/etc/own/environment\n"):
        files.write(text)
        assert files.put() == "0"
        assert files.unit.read_text() == files.text


def test_a_unit_of_another_root_folder_is_left_as_it_is(files: Files, tmp_path: Path) -> None:
    other = tmp_path / "other/billing/8080"
    (other / "receipts").mkdir(parents=True)
    theirs = TEXT.format(home=other)
    files.write(theirs)
    assert files.put().splitlines() == [
        "77",
        f"{NAME} is of another root folder on this host: it is left as it is. "
        f"Give one of them another port, or remove the one below {tmp_path}/other.",
    ]
    assert files.unit.read_text() == theirs
    said = files.run(
        "manage() { echo managed; }", "systemd_stop; systemd_remove; systemd_restart; echo $?"
    )
    assert said == "77", "nothing was asked of systemd"
    # A root folder that is gone, or is ours by another name, is nobody else's.
    (other / "receipts").rmdir()
    assert files.put() == "0"
    (tmp_path / "linked").symlink_to(tmp_path / "root")
    files.write(TEXT.format(home=tmp_path / "linked/billing/8080") + "Nice=5\n")
    assert files.put() == "0"


def test_two_services_whose_units_have_one_name_are_told_apart(files: Files) -> None:
    other = files.home.parent.parent / "billing-8080/main"
    (other / "receipts").mkdir(parents=True)
    files.write(TEXT.format(home=other))
    assert files.put().startswith("77")


def test_what_a_person_has_written_is_left_as_it_is(files: Files) -> None:
    files.write("[Service]\nExecStart=/bin/sleep 1\n")
    (files.home / ".written").unlink()
    assert files.put().splitlines() == [
        "77",
        f"{files.unit} is there, and Slipway has not written it: it is left as it is. "
        "Move it away, or give billing 8080 another port.",
    ]

"""The example is a package that can be released: taken from the page, stored, started, stopped."""

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from slipway.core.spec.parsing import parse_spec
from slipway.interfaces.web.start.example import VERSIONS, address_of, packed
from slipway.records.catalog.models import Version
from tests.interfaces.people import Person, person
from tests.interfaces.web.conftest import Visit
from tests.ports import free_port


@pytest.fixture
def release(tmp_path: Path) -> Path:
    folder = tmp_path / "release"
    folder.mkdir()
    subprocess.run(["tar", "--extract", "-z", "-C", folder], input=packed(1), check=True)
    return folder


@pytest.fixture
def script(release: Path, tmp_path: Path) -> Iterator[object]:
    around = {**os.environ, "PORT": str(free_port()), "SHARED": str(tmp_path / "shared")}

    def run(name: str) -> int:
        words = [str(release / "bin" / f"{name}.sh")]
        return subprocess.run(words, cwd=release, env=around, check=False).returncode

    run.port = around["PORT"]  # type: ignore[attr-defined]
    yield run
    run("stop")


def taken(browser: Client, number: int) -> bytes:
    answer = browser.get(address_of(number))
    assert answer.headers["Content-Disposition"].endswith(f'"hello-{number}.tar.gz"')
    return answer.content


def test_it_is_taken_into_the_store_as_any_package(root: Person, visit: Visit) -> None:
    browser = visit(root)
    browser.post("/services/-/new", {"name": "hello"})
    for number in VERSIONS:
        file = SimpleUploadedFile(f"hello-{number}.tar.gz", taken(browser, number))
        form = {"file": file, "version": f"v{number}"}
        answer = browser.post("/services/hello/versions/-/new", form)
        assert answer.status_code == 302
    first, second = Version.objects.order_by("name")
    assert first.package != second.package


def test_it_is_the_same_each_time_and_another_is_not_there(root: Person, visit: Visit) -> None:
    browser = visit(root)
    assert taken(browser, 1) == packed(1) != taken(browser, 2)
    assert hashlib.sha256(packed.__wrapped__(1)).digest() == hashlib.sha256(packed(1)).digest()
    assert browser.get(address_of(3)).status_code == 404
    assert Client().get(address_of(1)).status_code == 302  # to the login


def test_it_is_offered_where_a_version_is_wanted(root: Person, visit: Visit) -> None:
    text = visit(root).get("/services/billing/versions/-/new").content.decode()
    assert all(f'href="{address_of(number)}"' in text for number in VERSIONS)
    uploader = visit(person("una", ("uploader", "billing", "")))
    assert uploader.get(address_of(1)).status_code == 200


def test_its_spec_is_one_and_its_scripts_start_say_and_stop(release: Path, script: object) -> None:
    assert parse_spec((release / "slipway.yaml").read_text()).scripts.start
    assert callable(script)
    assert script("status") != 0
    assert script("start") == 0
    for _ in range(100):
        if script("status") == 0:
            break
    assert script("status") == 0
    with urlopen(f"http://127.0.0.1:{script.port}/") as answer:  # type: ignore[attr-defined]
        assert b"<h1>hello 1</h1>" in answer.read()
    assert script("stop") == 0
    assert script("status") != 0
    assert script("stop") == 0

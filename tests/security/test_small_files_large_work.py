"""What is small to send is not much to read: bounded before the work is done."""

import gzip
import io
import json
import struct
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client

from slipway.adapters.packages.inspection import inspect
from slipway.core.builds.path_patterns import fits_name
from slipway.core.builds.settings import matches
from slipway.interfaces.json_bodies import UnreadableBody, read
from slipway.ports import PackageRefused
from tests.adapters.packages.archives import END, entry
from tests.interfaces.people import person

pytestmark = pytest.mark.once

SOON = 5.0  # seconds of this process; each took many times that


@pytest.fixture(autouse=True)
def soon() -> Iterator[None]:
    began = time.process_time()
    yield
    assert time.process_time() - began < SOON


def record(number: int) -> bytes:
    rest = b" k%d=\n" % number
    length = len(rest) + 1
    while len(str(length)) + len(rest) != length:
        length += 1
    return str(length).encode() + rest


def one_header_of_many_records() -> bytes:
    return entry(b"x", b"".join(map(record, range(20_000))), type_=b"x")


def many_headers_of_as_many_as_may_be() -> bytes:
    each = entry(b"x", b"".join(map(record, range(1_000))), type_=b"x")
    return b"".join(each + entry(b"f%d" % number, b"") for number in range(601))


@pytest.mark.parametrize("make", [one_header_of_many_records, many_headers_of_as_many_as_may_be])
def test_extended_headers_say_only_so_much(make: Callable[[], bytes], tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(make() + entry(b"run", b"#!") + END))
    with pytest.raises(PackageRefused, match="say more than those of any real one"):
        inspect(path, filename=path.name)


def test_a_package_is_not_made_of_countless_streams(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(b"") * 70_000)
    with pytest.raises(PackageRefused, match="more parts than any real one"):
        inspect(path, filename=path.name)


def zipped(extra: bytes = b"", comment: bytes = b"", count: int = 1) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number in range(count):
            info = zipfile.ZipInfo(f"f{number}")
            archive.writestr(info, b"#!")
            info.extra, info.comment = extra, comment
    return made.getvalue()


def test_a_zip_s_member_has_only_so_many_extra_fields(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(extra=struct.pack("<HH", 0xCAFE, 0) * 16_000, count=100))
    with pytest.raises(PackageRefused, match="more extra fields than any real one"):
        inspect(path, filename=path.name)


def test_a_zip_s_directory_is_not_taken_into_memory_however_large(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(comment=bytes(65_535), count=600))
    with pytest.raises(PackageRefused, match="directory is larger than that of any real one"):
        inspect(path, filename=path.name)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 500_000 + b"]" * 500_000,
        b'{"a":' * 100_000,
        b"[" + b"0," * 500_000 + b"0]",
        b"[" + b"{}," * 300_000 + b"{}]",
        b'["' + b'\\"' * 500_000,
        b'"' + b"\\" * 1_000_001,
        ("[" * 200_000).encode("utf-16"),
        b"9" * 1_000_000,
    ],
)
def test_json_is_refused_before_it_is_parsed(body: bytes) -> None:
    with pytest.raises(UnreadableBody):
        read(body)


def test_what_people_send_is_read() -> None:
    body = {"text": '[{,\\"' * 50_000, "list": [{"a": ["b"]}] * 1_000, "é": None}
    for encoding in ("utf-8", "utf-16"):
        assert read(json.dumps(body, ensure_ascii=False).encode(encoding)) == body


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/services", "/hooks/gitlab", "/hooks/generic"])
def test_deep_json_is_an_answer_and_no_error(path: str) -> None:
    headers = {"Authorization": f"Bearer {person('root', is_superuser=True).token}"}
    deep = "[" * 100_000 + "]" * 100_000
    answer = Client().post(path, deep, content_type="application/json", headers=headers)
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("pattern", ["*a" * 120 + "b", "?*" * 120 + "b", "*" * 250 + "b"])
def test_a_pattern_of_a_user_is_soon_compared(pattern: str) -> None:
    assert not fits_name("a" * 1024, pattern)
    assert not matches("a" * 255, [pattern] * 64)

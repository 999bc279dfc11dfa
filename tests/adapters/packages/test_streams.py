"""Compressed streams and members as real tools make and break them."""

import io
import random
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slipway.adapters.packages.compression import decompressed
from slipway.adapters.packages.inspection import format_of, inspect
from slipway.core.release.steps import PackageFormat
from slipway.ports import PackageRefused
from tests.adapters.packages.archives import COMPRESS, END, entry, tree, zip_tree
from tests.adapters.packages.test_hostile_archives import manifest

PACKED = {f"a{suffix}": compress(tree()) for suffix, compress in COMPRESS.items()} | {
    "a.zip": zip_tree()
}
SLOW = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def looked_into(data: bytes, filename: str, folder: Path) -> None:
    path = folder / "looked-into"
    path.write_bytes(data)
    inspect(path, filename=filename)


@pytest.mark.parametrize("filename", PACKED)
def test_a_package_cut_off_anywhere_is_refused(filename: str, tmp_path: Path) -> None:
    data = PACKED[filename]
    for length in {*range(0, len(data), max(1, len(data) // 150)), len(data) - 1}:
        if data[length:].strip(b"\0"):  # a tar's padding may be shorter
            with pytest.raises(PackageRefused):
                looked_into(data[:length], filename, tmp_path)


@pytest.mark.parametrize("filename", [name for name in PACKED if name not in {"a.tar", "a.zip"}])
def test_a_package_with_a_flipped_bit_is_refused_or_says_the_same(
    filename: str, tmp_path: Path
) -> None:
    data = PACKED[filename]
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chosen = random.Random(seed)
    for _ in range(200):
        at = chosen.randrange(len(data))
        broken = data[:at] + bytes([data[at] ^ 1 << chosen.randrange(8)]) + data[at + 1 :]
        try:
            unpacked = b"".join(decompressed(io.BytesIO(broken), format_of(filename)))
        except PackageRefused:
            continue
        assert unpacked == tree()  # a bit of a time stamp or a name, which no one reads


@pytest.mark.parametrize(
    ("suffix", "tool"), [(".tar.gz", "gzip"), (".tar.xz", "xz"), (".tar.zst", "zstd")]
)
def test_streams_one_behind_the_other_are_one(suffix: str, tool: str, tmp_path: Path) -> None:
    """As pigz, pixz, pzstd and plain cat make them."""
    first, second = tree()[:1000], tree()[1000:]
    both = COMPRESS[suffix](first) + COMPRESS[suffix](second)
    assert b"".join(decompressed(io.BytesIO(both), format_of(f"a{suffix}"))) == tree()
    unpacked = subprocess.run([tool, "-dc"], input=both, capture_output=True, check=True).stdout
    assert unpacked == tree()


@pytest.mark.parametrize("tar_format", ["gnu", "pax", "ustar", "v7"])
def test_what_gnu_tar_packs_is_taken(tar_format: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "bin").mkdir(parents=True)
    (source / "bin" / "app").write_bytes(b"#!/bin/sh\n")
    (source / "slipway.yaml").write_text("run: ./bin/app\n")
    (source / "link").symlink_to("bin/app")
    (source / "hard").hardlink_to(source / "slipway.yaml")
    if tar_format in {"gnu", "pax"}:
        (source / ("很长的名字" * 12)).write_text("x")
        (source / "long-link").symlink_to("d/" * 35 + "l" * 90)
    archive = tmp_path / "app.tar.gz"
    command = ["tar", f"--format={tar_format}", "-czf", str(archive), "-C", str(source), "."]
    subprocess.run(command, check=True)
    found = inspect(archive, filename=archive.name)
    assert found.spec_text == "run: ./bin/app\n"
    assert found.format is PackageFormat.TAR_GZ


names = st.lists(st.sampled_from(["a", "b", "c", "..", ".", ""]), min_size=1, max_size=4).map(
    lambda parts: "/".join(parts).encode()
)
entries = st.builds(
    lambda name, type_, target: entry(
        name or b"x", b"data" if type_ == b"0" else b"", type_=type_, target=target
    ),
    names,
    st.sampled_from([b"0", b"0", b"5", b"2", b"2", b"1"]),
    names,
)


@SLOW
@given(st.lists(entries, min_size=1, max_size=6))
def test_unpacking_an_accepted_archive_with_tar_changes_nothing_outside(
    tmp_path_factory: pytest.TempPathFactory, archive: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("root")
    data = b"".join(archive) + END
    try:
        looked_into(data, "a.tar", folder)
    except PackageRefused:
        return
    fresh = folder / "outside" / "outside" / "outside" / "fresh"
    fresh.mkdir(parents=True)
    (folder / "outside" / "a").write_bytes(b"as it was")
    before = manifest(folder)
    subprocess.run(
        ["tar", "-x", "--no-same-owner", "--delay-directory-restore", "-C", fresh],
        input=data,
        check=False,
        capture_output=True,
    )
    after = manifest(folder)
    # The folder itself, too: archives name it ("./", with its mode) as often as not.
    inside = {path for path in after if f"{path}/".startswith(f"{fresh}/")}
    outside = {path: seen for path, seen in after.items() if path not in inside}
    assert outside == {path: seen for path, seen in before.items() if path != str(fresh)}
    root = fresh.resolve()
    assert all(Path(path).resolve().is_relative_to(root) for path in inside)

"""Archives that attack the host: the store refuses them first, the host does it again by itself."""

import gzip
import hashlib
import io
import os
import random
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from slipway.adapters.ssh.requests.program import host_program
from tests.adapters.packages.archives import entry, tar, tree, zip_tree
from tests.adapters.packages.corpus import CORPUS, TARS, ZIPS
from tests.adapters.ssh import made
from tests.adapters.ssh.conftest import Yard

RELEASE = "root/billing/releases/.1.0.fresh"
LIMIT = 2 * 2**20
REFUSED, NOT_RECEIVED = 65, 66

# What could hurt a host. The rest of the corpus is odd, and may become a harmless folder.
MUST_REFUSE = {
    f"tar, {case}"
    for case in TARS
    if case.startswith(("absolute", "up", "backslash", "control", "line end", "link", "hard link"))
    or case.endswith(("device", "pipe", "through"))
    or case in {"setuid", "setgid", "CVE-2025-4517", "a terabyte", "not a tar", "cut in a file"}
} | {
    f"zip, {case}"
    for case in ZIPS
    if case.startswith(("up", "absolute", "backslash", "link", "write"))
    or case in {"device", "pipe", "socket", "setuid", "no end", "encrypted", "bad content"}
}
# What two programs could read differently, and broken headers.
MUST_REFUSE |= {f"tar, {case}" for case in ("two names", "said twice", "a name for all")}
MUST_REFUSE |= {f"tar, {case}" for case in ("checksum", "negative", "a huge header")}
MUST_REFUSE |= {f"zip, {case}" for case in ("NUL", "two names", "a lying count", "shared bytes")}
# A hard link to what is in the release itself is harmless, and so is a file that replaces a link.
MUST_REFUSE -= {"tar, hard link to a link", "tar, overwrite through"}

as_nobody = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
# What may become a harmless folder is asked once.
ASKED = [
    *((case, "root") for case in CORPUS if case.startswith(("tar, ", "zip, "))),
    *(pytest.param(case, "nobody", marks=as_nobody) for case in sorted(MUST_REFUSE)),
]


@pytest.fixture
def program() -> Iterator[Path]:
    """The program in a folder that every user may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "program.sh")
        path.write_bytes(host_program().text)
        path.parent.chmod(0o755)
        yield path


def unpack(
    program: Path, user: str, package_format: str, data: bytes, tool_path: str = ""
) -> tuple[subprocess.CompletedProcess[bytes], Path]:
    """Run the unpacking itself, as the runner does, in a world of its own."""
    world = program.parent / "world"
    fresh = world / "root/billing/releases/.1.0.fresh"
    fresh.mkdir(parents=True)
    (world / "precious").write_bytes(b"as it was")
    package = world / "package"
    package.write_bytes(data)
    for path in (world, *world.rglob("*")):
        if user != "root":
            shutil.chown(path, user)
    sha256 = hashlib.sha256(data).hexdigest()
    arguments: list[str | Path] = [fresh, package, sha256, package_format, str(LIMIT), "package"]
    as_user = [] if user == "root" else ["runuser", "-u", user, "--"]
    done = subprocess.run(
        [*as_user, "/bin/sh", program, world / "root", "none", "unpack-into", *arguments],
        capture_output=True,
        check=False,
        timeout=30,
        env={"PATH": tool_path or os.environ["PATH"]},
    )
    return done, fresh


def format_of(filename: str) -> str:
    return "zip" if filename.endswith(".zip") else filename.removeprefix("a.")


@pytest.mark.parametrize(("case", "user"), ASKED)
def test_nothing_outside_the_release_is_touched(program: Path, case: str, user: str) -> None:
    filename, data, _ = CORPUS[case]
    done, fresh = unpack(program, user, format_of(filename), data)
    world = program.parent / "world"
    folders = (world, world / "root", world / "root/billing", fresh.parent)
    found = {path.relative_to(world).as_posix() for folder in folders for path in folder.iterdir()}
    around = {"package", "precious", "root", "root/billing", "root/billing/releases"}
    assert found == around | {RELEASE}
    assert (world / "precious").read_bytes() == b"as it was"
    if case in MUST_REFUSE:
        assert done.returncode == REFUSED, (done.returncode, done.stdout)
        assert done.stdout.strip()
    if done.returncode == 0:
        check_harmless(fresh)


@pytest.mark.parametrize(
    "name", [".slipway-package", ".slipway-readers", ".slipway-files", ".slipway-looked"]
)
def test_a_package_brings_no_file_that_is_ours(program: Path, name: str) -> None:
    done, _ = unpack(program, "root", "tar", tar(entry(name.encode(), b"0" * 64)))
    assert done.returncode == REFUSED, done.stdout
    assert f"a name that is ours: {name}" in done.stdout.decode()


def check_harmless(fresh: Path) -> None:
    inside = fresh.resolve()
    for path in fresh.rglob("*"):
        assert path.is_symlink() or path.is_file() or path.is_dir()
        assert not path.lstat().st_mode & 0o6000 or path.is_symlink()
        if path.is_symlink():
            # Not strict: a circle of links leads nowhere.
            assert Path(os.path.realpath(path)).is_relative_to(inside)


def test_the_corpus_that_must_be_refused_is_large_enough() -> None:
    assert len(MUST_REFUSE) >= 40


@pytest.mark.parametrize(
    ("package_format", "data"),
    [("tar", tree()), ("tar.gz", gzip.compress(tree())), ("zip", zip_tree())],
)
def test_an_honest_package_is_unpacked(program: Path, package_format: str, data: bytes) -> None:
    done, fresh = unpack(program, "root", package_format, data)
    assert done.returncode == 0, done.stdout
    assert [path for path in fresh.rglob("*") if path.is_file()]
    check_harmless(fresh)


@pytest.mark.parametrize("package_format", ["tar.gz", "zip"])
def test_what_unpacks_to_too_much_is_refused(program: Path, package_format: str) -> None:
    bomb = tar(entry(b"zeros", bytes(64 * LIMIT)))
    data = gzip.compress(bomb)
    if package_format == "zip":
        data = _zip_bomb()
    done, fresh = unpack(program, "root", package_format, data)
    assert done.returncode == REFUSED
    assert b"more" in done.stdout
    written = sum(path.stat().st_size for path in fresh.rglob("*") if path.is_file())
    assert written <= LIMIT + 70 * 2**20


def _zip_bomb() -> bytes:
    made_zip = io.BytesIO()
    with zipfile.ZipFile(made_zip, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(64 * LIMIT))
    return made_zip.getvalue()


def test_a_damaged_package_never_becomes_a_release(program: Path) -> None:
    chance = random.Random(4)
    data = gzip.compress(tar(entry(b"bin/app", chance.randbytes(100_000), mode=0o755)))
    world = program.parent / "world"
    for _ in range(12):
        if chance.random() < 0.5:
            broken = data[: chance.randrange(len(data))]
        else:
            at = chance.randrange(20, len(data))
            broken = data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1 :]
        done, fresh = unpack(program, "root", "tar.gz", broken)
        assert done.returncode == REFUSED, done.stdout
        assert not (fresh / ".slipway-package").exists()
        shutil.rmtree(world)


async def test_a_package_damaged_on_the_host_is_not_unpacked(ssh: Yard) -> None:
    package, path = made.release(ssh.folder, "1.0")
    await ssh.hosts.send_package(ssh.access, "billing", package, path)
    received = Path(ssh.root, ".slipway/incoming", f"billing.{package.sha256}")
    content = bytearray(received.read_bytes())
    content[len(content) // 2] ^= 1
    received.write_bytes(content)
    (result,) = await ssh.perform(made.chain(made.unpack("1.0", package)))
    assert result.exit_code == NOT_RECEIVED
    assert "damaged" in result.output
    assert not list(Path(ssh.root, "billing/releases").iterdir())
    # Sent again, it is well.
    assert await ssh.hosts.send_package(ssh.access, "billing", package, path) == package.size
    (again,) = await ssh.perform(made.chain(made.unpack("1.0", package), name="again"))
    assert again.exit_code == 0

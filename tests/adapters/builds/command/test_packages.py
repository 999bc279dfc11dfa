"""The package of a build by command: what can be had from its folder, and what never leaves it."""

import io
import tarfile
from collections.abc import Iterator

import pytest

from slipway.core.builds.package_source import PackageSource, SourceKind
from slipway.ports.builds import PackageMissing, ServerRefused
from tests.adapters.builds.command.bench import MAKES_PACKAGE, SUCCESS, Bench, a_bench
from tests.stands.repository import Entry, link


@pytest.fixture
def bench() -> Iterator[Bench]:
    with a_bench() as made:
        yield made


def test_a_folder_is_packed_the_same_every_time(bench: Bench) -> None:
    tree: dict[str, str | Entry] = {"b": "2", "a": Entry("1", 0o100644), "to": link("a")}
    bench.repository.commit({f"out/{name}": given for name, given in tree.items()})
    packed = []
    for number, path in enumerate(("out", "out", "")):
        source = PackageSource(SourceKind.ARCHIVE, path=path)
        order = bench.order(correlation=f"b-{number}", command=("true",), source=source)
        packed.append(bench.package(order, bench.build(order)))
    assert packed[0] == packed[1]
    assert packed[0][0] == "shop.tar.gz"
    with tarfile.open(fileobj=io.BytesIO(packed[0][1])) as tar:
        told = [(m.name, oct(m.mode), m.mtime, m.uid, m.linkname) for m in tar]
    assert told == [
        ("a", "0o644", 0, 0, ""),
        ("b", "0o755", 0, 0, ""),
        ("to", "0o777", 0, 0, "a"),
    ]
    with tarfile.open(fileobj=io.BytesIO(packed[2][1])) as tar:
        assert tar.getnames() == ["out", "out/a", "out/b", "out/to"]  # and no .git


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("dist/shop.zip", "is not there"),
        ("dist/*.zip", "fits none of the files"),
        ("dist/*.gz", "fits 2 files"),
        ("dist", "is no file"),
        ("dist/fifo", "is no file"),
        ("passwd", "leads out of the checkout"),
        ("etc/passwd", "leads out of the checkout"),
        ("up/claim", "leads out of the checkout"),
        ("circle", "is not there"),
    ],
)
def test_a_package_that_cannot_be_had_is_missing(bench: Bench, path: str, says: str) -> None:
    bench.commit(
        "mkdir dist; touch dist/a.gz dist/b.gz; mkfifo dist/fifo; ln -s circle circle",
        passwd=link("/etc/passwd"),
        etc=link("/etc"),
        up=link(".."),
    )
    order = bench.order(source=PackageSource(path=path))
    seen = bench.build(order)
    assert seen.status is SUCCESS
    with pytest.raises(PackageMissing, match=says):
        bench.package(order, seen)


def test_one_file_may_be_named_by_a_star_and_through_a_link_inside(bench: Bench) -> None:
    bench.commit("mkdir -p out/x86; ln -s x86 out/newest; echo here >out/x86/shop-1.7.tar.gz")
    order = bench.order(source=PackageSource(path="out/newest/shop-*.tar.gz"))
    assert bench.package(order, bench.build(order)) == ("shop-1.7.tar.gz", b"here\n")


def test_marks_of_a_path_stay_within_a_name_and_brackets_are_no_marks(bench: Bench) -> None:
    bench.commit("mkdir -p out/x86; echo a >'out/[1].gz'; touch out/1.gz out/x86/2.gz out/12.gz")
    order = bench.order(source=PackageSource(path="out/[?].gz"))
    seen = bench.build(order)
    assert bench.package(order, seen) == ("[1].gz", b"a\n")
    again = bench.order(source=PackageSource(path="out/?.gz"))
    assert bench.package(again, seen)[0] == "1.gz"


@pytest.mark.parametrize(
    "source",
    [
        PackageSource(SourceKind.REGISTRY, path="shop.tgz", package="shop"),
        PackageSource(SourceKind.URL, path="PACKAGE_URL"),
        PackageSource(),
    ],
)
def test_a_package_that_no_command_can_make_is_refused_before_it_runs(
    bench: Bench, source: PackageSource
) -> None:
    bench.commit(MAKES_PACKAGE)
    with pytest.raises(ServerRefused) as refused:
        bench.server.start(bench.order(source=source))
    assert "package: {from: artifact" in refused.value.hint
    assert not bench.builds.exists()

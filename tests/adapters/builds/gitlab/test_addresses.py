"""A package at an address that a job told in its dotenv report: within bounds, or not at all."""

from collections.abc import Iterator

import pytest

from slipway.core.builds.package_source import PackageSource, SourceKind
from slipway.ports.builds import OffLimits, PackageMissing, ServerRefused
from tests.adapters.builds.gitlab.bench import Bench, gitlab_bench
from tests.stands.gitlab_http import Storage

DATA = bytes(range(256)) * 4096
URL = PackageSource(SourceKind.URL, path="PACKAGE_URL")


@pytest.fixture
def bench() -> Iterator[Bench]:
    with gitlab_bench() as made:
        yield made


@pytest.fixture
def storage() -> Iterator[Storage]:
    with Storage() as made:
        yield made


@pytest.mark.parametrize("line", ["PACKAGE_URL={}", 'PACKAGE_URL="{}"', "A=1\r\nPACKAGE_URL={}\r"])
def test_an_address_in_a_dotenv_report_is_followed_without_the_token(
    bench: Bench, storage: Storage, line: str
) -> None:
    storage.files["/store/billing.tar.gz"] = DATA
    report = line.format(f"{storage.url}/store/billing.tar.gz?X-Sig=a%2Fb&X-Empty=")
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline, {"out/build.env": report.encode()}, dotenv=report)
    order = bench.order(URL, package_bases=(f"{storage.url}/store",))
    assert bench.fetch(order, build_id) == ("billing.tar.gz", DATA)
    assert bench.stand.token not in str(storage.requests)


@pytest.mark.parametrize("name", ["shop%2Fbilling", "1"])
def test_an_address_in_its_own_project_is_asked_with_the_token(bench: Bench, name: str) -> None:
    build_id, pipeline = bench.start()
    bench.stand.publish(bench.project, "billing", "1", "a.tgz", DATA)
    where = f"{bench.stand.url}/api/v4/projects/{name}/packages/generic/billing/1/a.tgz"
    report = f"PACKAGE_URL={where}\n"
    bench.stand.succeed(pipeline, {"build.env": report.encode()}, dotenv=report)
    assert bench.fetch(bench.order(URL), build_id) == ("a.tgz", DATA)


@pytest.mark.parametrize("name", ["shop%2Fsecret", "{id}", "shop%2Fbilling-secret", "shop"])
def test_a_build_cannot_have_another_project_read_with_the_token(bench: Bench, name: str) -> None:
    """The token may see more than the people who write this build."""
    secret = bench.stand.add_project("shop/secret")
    bench.stand.publish(secret, "keys", "1", "a.tgz", b"secret")
    name = name.format(id=secret.id)
    report = f"PACKAGE_URL={bench.stand.url}/api/v4/projects/{name}/packages/generic/keys/1/a.tgz"
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline, {"build.env": report.encode()}, dotenv=report)
    with pytest.raises(ServerRefused):
        bench.fetch(bench.order(URL), build_id)
    assert "private-token" not in bench.stand.requests[-1].headers


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:22/",
        "file:///etc/passwd",
        "not an address",
        "",
        "{storage}/storeroom/x",
        "{storage}/store/../secret",
        "{storage}/store/%2e%2e/secret",
    ],
)
def test_an_address_out_of_bounds_is_not_followed(bench: Bench, storage: Storage, url: str) -> None:
    report = f"PACKAGE_URL={url.format(storage=storage.url)}"
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline, {"build.env": report.encode()}, dotenv=report)
    order = bench.order(URL, package_bases=(f"{storage.url}/store",))
    with pytest.raises(OffLimits):
        bench.fetch(order, build_id)
    assert storage.requests == []


def test_an_address_where_nothing_lies_is_missing(bench: Bench, storage: Storage) -> None:
    report = f"PACKAGE_URL={storage.url}/gone"
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline, {"build.env": report.encode()}, dotenv=report)
    with pytest.raises(PackageMissing, match="nothing lies"):
        bench.fetch(bench.order(URL, package_bases=(storage.url,)), build_id)


def test_a_report_that_gitlab_does_not_give_out_is_missing_with_a_hint(bench: Bench) -> None:
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline, {"a.tgz": b"x"}, dotenv="PACKAGE_URL=http://x/")
    with pytest.raises(PackageMissing) as missing:
        bench.fetch(bench.order(URL), build_id)
    assert "artifacts: paths" in missing.value.hint


def test_no_report_at_all_is_missing(bench: Bench) -> None:
    build_id, pipeline = bench.start()
    bench.stand.succeed(pipeline, {"a.tgz": b"x"})
    with pytest.raises(PackageMissing, match="no job has a dotenv report with PACKAGE_URL"):
        bench.fetch(bench.order(URL), build_id)

"""A build server that no request could ever reach is refused when it is named."""

import pytest

from slipway.core.words.refusal import Invalid
from slipway.records.catalog.models import BuildServer
from slipway.records.catalog.operations import servers
from tests.records.people import NOW, bob

pytestmark = pytest.mark.django_db

OUT_OF_REACH = [
    "http://169.254.169.254",
    "http://169.254.169.254/latest/meta-data",
    "https://[fe80::1]:8443",
    "https://[::ffff:169.254.169.254]",
    "https://[fd00:ec2::254]",
    "http://0.0.0.0:8080",
    "http://[::]",
    "http://224.0.0.1",
    "http://100.100.100.200",
    "http://2852039166",  # 169.254.169.254, as some programs read it
    "http://0xa9fea9fe",
    "http://169.254.43518",
]
IN_REACH = [
    "http://127.0.0.1:8080",
    "http://[::1]",
    "http://10.0.0.7/gitlab",
    "https://192.168.1.1",
    "https://gitlab.example.com",
    "https://gitlab",
]


def make(**fields: object) -> BuildServer:
    return servers.create_server(name="ci", kind="gitlab", by=bob(), now=NOW, **fields)


@pytest.mark.parametrize("address", OUT_OF_REACH)
def test_what_no_request_goes_to_is_no_build_server(address: str) -> None:
    with pytest.raises(Invalid, match="No request ever goes to") as refused:
        make(base_url=address)
    assert "private ones and loopback are fine" in refused.value.hint
    assert not BuildServer.objects.exists()


@pytest.mark.parametrize("address", OUT_OF_REACH)
def test_nor_is_it_on_the_way_to_one_nor_a_place_of_packages(address: str) -> None:
    server = make(base_url=IN_REACH[-2])
    for changes in ({"base_url": address}, {"proxy": address}, {"package_bases": [address]}):
        with pytest.raises(Invalid, match="No request ever goes to"):
            servers.change_server(server=server, changes=changes, by=bob(), now=NOW)
    assert BuildServer.objects.get().base_url == IN_REACH[-2]


@pytest.mark.parametrize("address", IN_REACH)
def test_where_build_servers_live_is_fine(address: str) -> None:
    assert make(base_url=address, proxy=address, package_bases=[address]).pk

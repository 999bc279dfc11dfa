"""Where requests may go is what an administrator configured, however an address is written."""

import pytest

from slipway.adapters.egress.boundary import Boundary
from slipway.core.builds.orders import ServerAccess, ServerKind
from slipway.core.network.addresses import is_forbidden
from slipway.ports.builds import OffLimits

OURS = ServerAccess(
    "gitlab-1",
    ServerKind.GITLAB,
    "https://gitlab.example.com/git",
    credential="secret-token",
    package_bases=("https://store.example.com/packages/", "http://10.0.0.3:9000"),
)


@pytest.mark.parametrize(
    ("url", "goes_to", "with_credentials"),
    [
        ("https://gitlab.example.com/git", "https://gitlab.example.com/git", True),
        ("https://gitlab.example.com/git/api/v4?a=b#c", None, True),
        ("https://GitLab.Example.com:443/git/x", "https://gitlab.example.com/git/x", True),
        ("https://gitlab.example.com./git/x", "https://gitlab.example.com/git/x", True),
        ("https://gitlab.example.com/git/projects/a%2Fb", None, True),
        ("https://gitlab.example.com/git/x?next=http://169.254.169.254/", None, True),
        ("https://store.example.com/packages/1.tgz?X-Sig=%2e%2e", None, False),
        ("http://10.0.0.3:9000/anything", None, False),
    ],
)
def test_what_lies_at_or_below_a_configured_address_is_reached(
    url: str, goes_to: str | None, with_credentials: bool
) -> None:
    destination = Boundary(OURS).check(url)
    assert destination.url == (goes_to or url.partition("#")[0])
    assert destination.with_credentials == with_credentials


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/git/api",
        "//gitlab.example.com/git",
        "gitlab.example.com/git",
        "ftp://gitlab.example.com/git",
        "file:///etc/passwd",
        "gopher://gitlab.example.com/git",
        "javascript:alert(1)",
        "http://gitlab.example.com/git",  # the token would cross the network in the clear
        "https://gitlab.example.com:8443/git",
        "https://gitlab.example.com:0/git",
        "https://gitlab.example.com:99999/git",
        "https://gitlab.example.com/",
        "https://gitlab.example.com/github",
        "https://gitlab.example.com/git/../admin",
        "https://gitlab.example.com/git/%2e%2e/admin",
        "https://gitlab.example.com/git/%252E%252e/admin",
        "https://gitlab.example.com/git/..%2fadmin",
        "https://gitlab.example.com/git/..;/admin",
        "https://gitlab.example.com/git/./x",
        "https://gitlab.example.com/git\\..\\admin",
        "https://gitlab.example.com/git/%5c..%5cadmin",
        "https://gitlab.example.com/git/%0d%0aHost:%20evil",
        "https://gitlab.example.com/git/x y",
        "https://gitlab.example.com/git/x\r\nX-Evil: 1",
        "https://gitlab.example.com.evil.example/git",
        "https://evilgitlab.example.com/git",
        "https://gitlab.example.com@evil.example/git",
        "https://user:pass@gitlab.example.com/git",
        "https://gitlab.example.com:443@evil.example/git",
        "https://evil.example\\@gitlab.example.com/git",
        "https://evil.example#@gitlab.example.com/git",
        "https://evil.example?@gitlab.example.com/git",
        "https://gitlab_example.com/git",
        "https://gitlab.example.com_/git",
        "https://gitlab。example。com/git",
        "https://ｇitlab.example.com/git",
        "https://gitlab..example.com/git",
        "https://127.0.0.1/git",
        "https://127.1/git",
        "https://2130706433/git",
        "https://0x7f000001/git",
        "https://0177.0.0.1/git",
        "https://0/git",
        "https://[::1]/git",
        "https://[::ffff:169.254.169.254]/git",
        "https://[fe80::1%25eth0]/git",
        "http://169.254.169.254/latest/meta-data/",
        "http://metadata.google.internal/",
        "http://10.0.0.3/anything",
        "http://10.0.0.03:9000/anything",
        "http://10.3:9000/anything",
        "https://store.example.com/package/1.tgz",
    ],
)
def test_everything_else_is_off_limits(url: str) -> None:
    with pytest.raises(OffLimits) as refused:
        Boundary(OURS).check(url)
    assert "gitlab-1" in refused.value.message
    assert refused.value.hint


def test_a_refusal_shows_no_secret_of_the_address() -> None:
    with pytest.raises(OffLimits) as refused:
        Boundary(OURS).check("https://user:pass@evil.example/x?X-Signature=abc")
    assert "https://evil.example/x," in refused.value.message
    assert not {"pass", "abc"} & set(refused.value.message.replace(":", " ").split())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "gitlab.example.com",
        "https://user:pass@gitlab.example.com",
        "https://gitlab.example.com/?x=1",
        "https://gitlab.example.com/#x",
        "https://gitlab.example.com/../",
        "http://169.254.169.254",
        "http://[fe80::1]",
        "http://0.0.0.0",
        "http://[::]",
        "http://224.0.0.1",
        "http://2852039166",  # 169.254.169.254
        "http://[64:ff9b::a9fe:a9fe]",
    ],
)
def test_an_address_where_no_request_can_go_cannot_be_configured(url: str) -> None:
    for access in (
        ServerAccess("gitlab-1", ServerKind.GITLAB, url),
        ServerAccess("gitlab-1", ServerKind.GITLAB, "http://10.0.0.1", package_bases=(url,)),
    ):
        with pytest.raises(OffLimits):
            Boundary(access)


def test_a_private_address_may_be_configured() -> None:
    for base in ("http://10.0.0.1", "http://127.0.0.1:8080", "http://[fd12::1]:80"):
        access = ServerAccess("gitlab-1", ServerKind.GITLAB, base)
        assert Boundary(access).check(f"{base}/api").with_credentials


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:a9fe:a9fe::1",
        "::a9fe:a9fe",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "0.0.0.0",
        "0.1.2.3",
        "::",
        "::ffff:0.0.0.0",
        "224.0.0.251",
        "255.255.255.255",
        "ff02::1",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
    ],
)
def test_no_name_may_lead_to_these_addresses(address: str) -> None:
    assert is_forbidden(address)


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "127.0.0.1", "::1", "fd12::1", "100.64.0.1", "8.8.8.8", "2001:db8::1"]
)
def test_a_configured_name_may_lead_to_a_private_or_public_address(address: str) -> None:
    assert not is_forbidden(address)

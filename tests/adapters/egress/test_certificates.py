"""Certificates are always checked: against the given authority, or the system's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from slipway.adapters.egress.trouble import Unreachable
from slipway.ports.builds import ServerRefused
from tests.adapters.egress.conftest import Make, Rebinding, echo
from tests.stands.gitlab_http import LoopbackServer
from tests.stands.gitlab_tls import own_authority

SECRETS = {"PRIVATE-TOKEN": "secret"}


@pytest.fixture
def secure() -> Iterator[tuple[LoopbackServer, str]]:
    certificate, context = own_authority()
    with LoopbackServer(echo, tls=context) as running:
        yield running, certificate


def test_a_certificate_of_the_given_authority_is_trusted(
    make: Make, secure: tuple[LoopbackServer, str]
) -> None:
    server, certificate = secure
    out = make(server.url, ca_certificate=certificate)
    assert out.ask(f"{server.url}/x")[0] == 200


def test_an_unknown_authority_is_not_trusted(
    make: Make, secure: tuple[LoopbackServer, str]
) -> None:
    server, _ = secure
    for certificate in ("", own_authority()[0]):
        with pytest.raises(Unreachable, match="not trusted"):
            make(server.url, ca_certificate=certificate).ask(f"{server.url}/x", headers=SECRETS)
    assert server.requests == []


def test_a_certificate_for_another_name_is_not_trusted(
    make: Make, secure: tuple[LoopbackServer, str]
) -> None:
    server, certificate = secure
    base = f"https://gitlab.example.com:{server.url.rpartition(':')[2]}"
    out = make(base, ca_certificate=certificate, resolver=Rebinding(["127.0.0.1"]))
    with pytest.raises(Unreachable, match="not trusted"):
        out.ask(f"{base}/x", headers=SECRETS)


def test_http_where_https_is_expected_says_so(make: Make, server: LoopbackServer) -> None:
    base = server.url.replace("http:", "https:")
    with pytest.raises(Unreachable, match="no TLS"):
        make(base).ask(f"{base}/x")


def test_an_authority_that_cannot_be_read_says_so(make: Make) -> None:
    for certificate in ("no certificate", "-----BEGIN CERTIFICATE-----\nx\n"):
        with pytest.raises(ServerRefused, match="cannot be read"):
            make("https://127.0.0.1:1", ca_certificate=certificate).ask("https://127.0.0.1:1/")


def test_only_its_own_authority_vouches_for_the_server_and_the_systems_for_packages_as_well(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    system, context = own_authority()
    trusted = tmp_path / "system.pem"
    trusted.write_text(system)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    own = own_authority()[0]
    with LoopbackServer(echo, tls=context) as server:
        with pytest.raises(Unreachable, match="not trusted"):
            make(server.url, ca_certificate=own).ask(f"{server.url}/x", headers=SECRETS)
        out = make("https://127.0.0.1:1", ca_certificate=own, package_bases=(server.url,))
        assert out.ask(f"{server.url}/x")[0] == 200

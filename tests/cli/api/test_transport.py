"""Certificates are checked, proxies are used, and a terminal is asked where there is one."""

import ipaddress
import os
import pty
import ssl
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from slipway_cli.api.client import Client
from slipway_cli.commands.start.address import of_address
from tests.cli.conftest import Run
from tests.cli.standin import TOKEN, Reply, Standin, rollout

MONTH = 31 * 24 * 3600.0
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that signed itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "slipway")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + built.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def encrypted(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_server_that_nobody_vouches_for_is_told_nothing(
    encrypted: ssl.SSLContext, slipway: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Standin(encrypted).running() as server:
        monkeypatch.setenv("SLIPWAY_URL", server.url)
        monkeypatch.setenv("SLIPWAY_TOKEN", TOKEN)
        ended = slipway("service", "list")
        assert ended.code == 1
        assert "cannot be trusted" in ended.err
        assert "--ca-file" in ended.err
        assert server.asked == []


@pytest.mark.parametrize("way", ["option", "environment"])
def test_a_company_can_vouch_for_its_own_server(
    encrypted: ssl.SSLContext,
    certificate: Path,
    slipway: Run,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    with Standin(encrypted).running() as server:
        server.lists("GET /services")
        monkeypatch.setenv("SLIPWAY_URL", server.url)
        monkeypatch.setenv("SLIPWAY_TOKEN", TOKEN)
        if way == "environment":
            monkeypatch.setenv("SLIPWAY_CA", str(certificate))
        said = ["--ca-file", str(certificate)] if way == "option" else []
        assert slipway(*said, "service", "list").code == 0
        assert len(server.asked) == 1


def test_the_doctor_says_when_the_certificate_of_the_address_ends(
    encrypted: ssl.SSLContext, certificate: Path, slipway: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Standin(encrypted).running() as server:
        server.on("GET /doctor", {"items": []})
        monkeypatch.setenv("SLIPWAY_URL", server.url)
        monkeypatch.setenv("SLIPWAY_TOKEN", TOKEN)
        monkeypatch.setenv("SLIPWAY_CA", str(certificate))
        ended = slipway("doctor", "-o", "json")
        assert ended.code == 1  # it is good for a day
        assert "address_certificate" in ended.out
        assert f"The certificate of {server.url} ends on" in ended.out
        assert f"The certificate of {server.url} ends on" in slipway("doctor").out
        [earlier] = of_address(Client(server.url, ca_file=str(certificate)), time.time() - MONTH)
        assert (earlier["ok"], earlier["hint"]) == (True, "")


def test_a_proxy_is_used_where_the_environment_says_so(
    server: Standin, slipway: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.lists("GET /services")
    monkeypatch.setenv("http_proxy", server.url.replace("//", "//me:pass%20word@"))
    monkeypatch.setenv("no_proxy", "other.example")
    monkeypatch.setenv("SLIPWAY_URL", "http://slipway.example:8000")
    assert slipway("service", "list").code == 0
    (asked,) = server.asked
    assert asked.headers["host"] == "slipway.example:8000"
    assert asked.headers["proxy-authorization"] == "Basic bWU6cGFzcyB3b3Jk"


def at_a_terminal(server: Standin, typed: str, *words: str) -> tuple[int, str]:
    """Run a command whose input and standard error are a terminal; return how it ended."""
    ours, theirs = pty.openpty()
    program = "import sys; from slipway_cli.main import main; sys.exit(main(sys.argv[1:]))"
    environment = {**os.environ, "SLIPWAY_URL": server.url, "SLIPWAY_TOKEN": TOKEN}
    try:
        os.write(ours, typed.encode())
        done = subprocess.run(
            [sys.executable, "-c", program, *words],
            stdin=theirs,
            stderr=theirs,
            stdout=subprocess.DEVNULL,
            env=environment,
            cwd=ROOT,
            timeout=60,
            check=False,
        )
        return done.returncode, os.read(ours, 65536).decode()
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_person_is_asked_before_a_service_is_removed(server: Standin) -> None:
    server.on("POST /rollouts", Reply(rollout(kind="delete"), 202))
    code, shown = at_a_terminal(server, "n\n", "remove", "billing", "--env", "prod")
    assert code == 2
    assert "Remove billing from every host in prod? [y/N]" in shown
    assert server.asked == []
    code, _ = at_a_terminal(server, "y\n", "remove", "billing", "--env", "prod")
    assert code == 0
    code, _ = at_a_terminal(server, "", "remove", "billing", "--env", "prod", "--yes")
    assert code == 0
    assert len(server.asked) == 2


def test_a_person_sees_how_far_an_upload_is(server: Standin, tmp_path: Path) -> None:
    package = tmp_path / "billing.tar.gz"
    package.write_bytes(b"p" * 3_000_000)
    server.on("GET /services/billing", {"name": "billing"})
    server.on("POST /services/billing/versions", Reply({"name": "1.0"}, 201))
    code, shown = at_a_terminal(server, "", "version", "upload", "billing", str(package))
    assert code == 0
    assert "100%  3.0 MB of 3.0 MB" in shown

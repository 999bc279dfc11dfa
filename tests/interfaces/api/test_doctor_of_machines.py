"""`doctor` looks at disks, and at the certificates that this installation is told of."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.utils import timezone
from pytest_django import Settings

from slipway.core.network.certificates import endings
from slipway.interfaces.doctor.findings import findings
from slipway.interfaces.doctor.verdicts import DoctorFinding
from slipway.project.environment import Surroundings
from slipway.records.catalog.models import BuildServer
from tests.controller.works import Works

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())


def certificate(name: str, ends_at: datetime) -> bytes:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(KEY.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends_at - timedelta(days=365))
        .not_valid_after(ends_at)
    )
    return made.sign(KEY, hashes.SHA256()).public_bytes(Encoding.PEM)


def found(code: str) -> DoctorFinding:
    return next(each for each in findings(timezone.now()) if each.code == code)


@pytest.mark.parametrize(
    ("room", "short"),
    [
        ({"f_bavail": 10**9, "f_files": 10**9, "f_favail": 10**8}, False),
        ({"f_bavail": 1000, "f_files": 10**9, "f_favail": 10**8}, True),
        ({"f_bavail": 10**9, "f_files": 10**9, "f_favail": 300}, True),
        ({"f_bavail": 10**9, "f_files": 0, "f_favail": 0}, False),  # as btrfs has them
    ],
)
def test_a_disk_without_room_or_inodes_is_named(
    room: dict[str, int],
    short: bool,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    tmp_path: Path,
) -> None:
    settings.DATA = tmp_path
    settings.SLIPWAY_BUILDS = tmp_path / "builds-of-another-machine"
    monkeypatch.setattr(os, "statvfs", lambda _: _Room(f_frsize=4096, **room))
    disks = found("disks")
    assert disks.ok is not short
    assert str(tmp_path) in disks.said.english
    assert "another-machine" not in disks.said.english
    assert ("Make room" in disks.said.english_hint) is short


class _Room:
    def __init__(self, **values: Any) -> None:
        self.f_blocks = self.f_bfree = 10**9  # others ask, too
        self.__dict__.update(values)


def test_a_file_of_certificates_that_end_is_named(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    settings.SLIPWAY_CERTIFICATE_FILES = (("SSL_CERT_FILE", str(path)),)
    assert "No such file" in found("certificates").said.english
    path.write_text("nothing")
    assert "no certificate in PEM form" in found("certificates").said.english
    path.write_bytes(certificate("ours", timezone.now() + timedelta(days=400)))
    assert found("certificates").ok
    path.write_bytes(certificate("ours", timezone.now() + timedelta(days=20)))
    told = found("certificates").said
    assert f"SSL_CERT_FILE ({path}): CN=ours ends on" in told.english
    assert "Put the new one in its place" in told.english_hint
    path.write_bytes(certificate("ours", timezone.now() - timedelta(days=1)))
    assert "CN=ours ended on" in found("certificates").said.english


def test_the_authority_of_a_build_server_is_looked_at(tmp_path: Path) -> None:
    Works(tmp_path)
    ending = certificate("team", timezone.now() + timedelta(days=3))
    BuildServer.objects.update(ca_certificate=ending.decode())
    assert "build server" in found("certificates").said.english
    assert "CN=team ends on" in found("certificates").said.english


def test_of_a_systems_bundle_one_that_ends_is_its_own_affair() -> None:
    old = certificate("old", NOW - timedelta(days=1))
    fresh = certificate("fresh", NOW + timedelta(days=400))
    assert len(endings(old + fresh, NOW)) == 1
    assert endings(old + fresh * 20, NOW) == ()


def test_what_names_certificates_is_read_from_the_surroundings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/etc/ours.pem")
    monkeypatch.setenv("SLIPWAY_DATABASE_URL", "postgresql://db/x?sslrootcert=/etc/root.pem")
    monkeypatch.setenv("PGSSLCERT", "/etc/client.pem")
    assert Surroundings.read().certificate_files == (
        ("SSL_CERT_FILE", "/etc/ours.pem"),
        ("sslrootcert of PostgreSQL", "/etc/root.pem"),
        ("sslcert of PostgreSQL", "/etc/client.pem"),
    )
    monkeypatch.setenv("SLIPWAY_DATABASE_URL", "postgresql://db/x?sslrootcert=system")
    monkeypatch.delenv("PGSSLCERT")
    assert Surroundings.read().certificate_files == (("SSL_CERT_FILE", "/etc/ours.pem"),)

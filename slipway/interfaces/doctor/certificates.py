"""Certificates that this installation is told of: those that have ended, or will soon."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings

from slipway.core.network.certificates import endings
from slipway.core.words.sentence import Sentence
from slipway.interfaces.doctor.verdicts import NAMED, DoctorFinding, ill, well
from slipway.records.catalog.queries.servers import list_servers
from slipway.records.rows.pages import whole


def certificates(now: datetime) -> DoctorFinding:
    told = list(_told(now))
    if not told:
        return well("certificates", "No certificate that is set here ends within 30 days.")
    return ill(
        "certificates",
        "Certificates that have ended, end within 30 days, or cannot be read: {certificates}.",
        hint="Put the new one in its place: of a build server with `slipway build-server change"
        " NAME --ca FILE`, of a file in that file, and restart web and workers.",
        certificates=Sentence.listed(*told[:NAMED]),
    )


def _told(now: datetime) -> Iterator[Sentence]:
    for setting, path in settings.SLIPWAY_CERTIFICATE_FILES:
        name = Sentence.of("certificate_file", "{setting} ({path})", setting=setting, path=path)
        try:
            yield from _of(name, Path(path).read_bytes(), now)
        except OSError as error:
            yield _unreadable(name, error.strerror or str(error))
    for server in whole(list_servers):
        if server.ca_certificate:
            name = Sentence.of("certificate_of", "build server {server}", server=server.name)
            yield from _of(name, server.ca_certificate.encode(), now)


def _of(name: Sentence, pem: bytes, now: datetime) -> Iterator[Sentence]:
    try:
        found = endings(pem, now)
    except ValueError:
        yield _unreadable(name, Sentence.of("no_pem", "it holds no certificate in PEM form"))
        return
    for each in found:
        is_over = each.ends_at <= now
        yield Sentence.of(
            "ended" if is_over else "ends",
            "{where}: {subject} ended on {day}" if is_over else "{where}: {subject} ends on {day}",
            where=name,
            subject=each.subject,
            day=f"{each.ends_at:%Y-%m-%d}",
        )


def _unreadable(name: Sentence, why: Sentence | str) -> Sentence:
    return Sentence.of("unread_certificate", "{where}: {why}", where=name, why=why)

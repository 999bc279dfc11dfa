"""Files of packages here: what is read of one that is sent, and how one is fetched back."""

import hashlib
from pathlib import Path

from slipway_cli.commands.services.version_tables import of_package
from slipway_cli.errors import Failed, Usage
from slipway_cli.files.whole import written_whole
from slipway_cli.language import _
from slipway_cli.printed.progress import ProgressBar
from slipway_cli.printed.render import Row
from slipway_cli.session import Session

CHUNK = 1 << 20


def fetch(session: Session, path: str, document: Row, target: Path) -> None:
    bar = ProgressBar(int(of_package(document, "size") or 0))
    try:
        with written_whole(target) as part:
            if session.api.download(path, part, bar) != of_package(document, "sha256"):
                raise Failed(_("What arrived is not what was stored (its sha256 differs)."))
    finally:
        bar.close()


def sha256_of(file: Path) -> str:
    digest = hashlib.sha256()
    try:
        with file.open("rb") as source:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
    except OSError as error:
        said = _("The package {file} cannot be read: {error}.", file=file, error=error.strerror)
        raise Usage(said) from error
    return digest.hexdigest()

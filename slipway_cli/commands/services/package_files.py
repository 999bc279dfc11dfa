"""Files of packages here: what is read of one that is sent, and how one is fetched back."""

import hashlib
import os
import tempfile
from pathlib import Path

from slipway_cli.commands.services.version_tables import of_package
from slipway_cli.errors import Failed, Usage
from slipway_cli.language import _
from slipway_cli.printed.progress import ProgressBar
from slipway_cli.printed.render import Row
from slipway_cli.session import Session

CHUNK = 1 << 20


def fetch(session: Session, path: str, document: Row, target: Path) -> None:
    bar = ProgressBar(int(of_package(document, "size") or 0))
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    try:
        with os.fdopen(handle, "wb") as part:
            sha256 = session.api.download(path, part, bar)
        if sha256 != of_package(document, "sha256"):
            raise Failed(_("What arrived is not what was stored (its sha256 differs)."))
        Path(temporary).rename(target)
    finally:
        bar.close()
        Path(temporary).unlink(missing_ok=True)


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

"""Files that are written here: whole, or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from slipway_cli.errors import Usage
from slipway_cli.language import _


@contextmanager
def written_whole(file: Path) -> Iterator[BinaryIO]:
    """Write beside the file first: half of it is nowhere. Raises Usage where nothing can be."""
    try:
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    except OSError as error:
        said = _("The file {file} cannot be written: {error}.", file=file, error=error.strerror)
        raise Usage(said) from error
    try:
        with os.fdopen(handle, "wb") as part:
            yield part
        Path(temporary).rename(file)
    finally:
        Path(temporary).unlink(missing_ok=True)

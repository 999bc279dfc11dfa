"""Reads a secret from a file or from standard input: it is never an argument."""

import sys
from pathlib import Path

from slipway_cli.errors import Usage
from slipway_cli.language import _, word

STDIN = "-"


def read_secret(file: str, what: str) -> str:
    """Return what the file holds, without the end of its line; raise Usage where it cannot be."""
    try:
        text = sys.stdin.read() if file == STDIN else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = _(
            "The {what} in {file} cannot be read: {error}.",
            what=word("secret", what),
            file=file,
            error=error,
        )
        raise Usage(said) from error
    return text.rstrip("\r\n")


def check_one_stdin(*files: str) -> None:
    """Raise Usage where standard input would have to be two secrets."""
    if files.count(STDIN) > 1:
        raise Usage(
            _("Only one secret can come from standard input."), hint=_("Put one into a file.")
        )

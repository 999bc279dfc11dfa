"""Reads a secret from a file or from standard input: it is never an argument."""

import sys
from pathlib import Path

from slipway_cli.errors import Usage

STDIN = "-"


def read_secret(file: str, what: str) -> str:
    """Return what the file holds, without the end of its line; raise Usage where it cannot be."""
    try:
        text = sys.stdin.read() if file == STDIN else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Usage(f"The {what} in {file} cannot be read: {error}.") from error
    return text.rstrip("\r\n")


def check_one_stdin(*files: str) -> None:
    """Raise Usage where standard input would have to be two secrets."""
    if files.count(STDIN) > 1:
        raise Usage("Only one secret can come from standard input.", hint="Put one into a file.")

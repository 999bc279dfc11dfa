"""Reads a release spec, or build settings, from a YAML or JSON file."""

from importlib import import_module
from pathlib import Path
from typing import Any

from slipway_cli.errors import Usage
from slipway_cli.language import _, word


def read_spec(file: Path, what: str = "release spec") -> dict[str, Any]:
    """Return the mapping in the file; raise Usage where there is none."""
    # Loading the YAML package takes a quarter of a command's start; few commands need it.
    yaml = import_module("yaml")
    try:
        spec = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        said = _(
            "The {what} {file} cannot be read: {error}",
            what=word("file", what),
            file=file,
            error=error,
        )
        raise Usage(said) from error
    if spec is None:
        return {}
    if not isinstance(spec, dict):
        raise Usage(
            _("The {what} {file} is not a mapping of settings.", what=word("file", what), file=file)
        )
    return spec

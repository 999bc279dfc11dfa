"""What is true on the demo's hosts, asked of the hosts themselves and not of any record."""

import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PORT = 8080


def running_version(host: dict[str, Any]) -> str:
    """The version that answers on the host's port, "" when nothing answers."""
    url = f"http://{host['address']}:{PORT}/"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(json.load(answer)["version"])
    except (urllib.error.URLError, OSError, ValueError, KeyError):
        return ""


def linked_version(host: dict[str, Any]) -> str:
    """The version that `current` points at, "" where there is no link."""
    link = Path(host["root"], "shop", str(PORT), "current")
    return link.readlink().name if link.is_symlink() else ""


def differences(hosts: Sequence[dict[str, Any]], version: str) -> list[str]:
    """Sentences on hosts that do not run exactly `version`; none when all is well."""
    wrong = []
    for host in hosts:
        answers, links = running_version(host), linked_version(host)
        if (answers, links) != (version, version):
            wrong.append(
                f"{host['name']}: {answers or 'nothing'} answers and current is "
                f"{links or 'nothing'}, expected {version}"
            )
    return wrong

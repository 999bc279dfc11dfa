"""Reads a file of hosts; asks the program whose file it is, where this machine has it.

The server never runs them: a Match of ssh, an inventory plugin of Ansible are programs."""

import base64
import getpass
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from slipway_cli.errors import Usage
from slipway_cli.files.ssh_answers import NotAnswered, ssh_answers
from slipway_cli.language import _
from slipway_cli.printed.render import say

SECONDS = 120
_OTHERS = (".csv", ".tsv", ".txt")
_TAKEN = re.compile(
    r"ansible_(?:ssh_)?(?:host|port|user)|ansible_(?:become|connection)"
    r"|ansible_become_(?:method|user)"
)
# With tabs from three columns on: `Host` and a name stand in a configuration of ssh.
_TABLE = re.compile(r"sep=|[^\s=\[{]+[,;]|[^\t=\[{]+\t[^\t]+\t[^\t]", re.IGNORECASE)
_BETWEEN = re.compile(r"ansible_ssh_(?:common_|extra_)?args")
_JUMP = re.compile(r"(?:^|\s)-J|proxy(?:jump|command)", re.IGNORECASE)


def read_inventory(file: Path, *, ask: bool, encoding: str, format: str) -> dict[str, Any]:
    """Return what the API is sent of a file. Raises Usage where it cannot be read."""
    kind = "ansible" if file.is_dir() else _kind(file, _content(file), format)
    if ask and kind == "ansible" and (said := _ansible(file)):
        return {"text": said, "filename": file.name, "format": "ansible-inventory"}
    if file.is_dir():
        raise Usage(
            _("{file} is a folder, and ansible-inventory is not there to read it.", file=file),
            hint=_("Name one file, or install Ansible."),
        )
    content = _content(file)
    if ask and kind == "ssh" and (said := _ssh(file, content)):
        return {"text": said, "filename": file.name, "format": "ssh-g"} | _login()
    body = _sent(content, encoding) | {"filename": file.name}
    if kind == "ansible":
        _tell_of_folders(file)
    chosen = {"format": format} if format else {}
    return body | chosen | (_login() if kind == "ssh" else {})


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Usage(_("{file} cannot be read: {error}.", file=file, error=error)) from error


def _sent(content: bytes, encoding: str) -> dict[str, Any]:
    """UTF-8 goes as text; of other bytes the server finds out what they are."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" not in text and not encoding:
        return {"text": text}
    said = {"encoding": encoding} if encoding else {}
    return {"content": base64.b64encode(content).decode(), **said}


def _login() -> dict[str, Any]:
    """As ssh does: who names no user is logged in under the own name."""
    try:
        return {"user": getpass.getuser()}
    except (KeyError, OSError):  # a user without a name
        return {}


def _kind(file: Path, content: bytes, format: str) -> str:
    if format or file.suffix.lower() in _OTHERS or b"\0" in content:
        return {"ssh": "ssh", "ini": "ansible", "yaml": "ansible"}.get(format, "")
    lines = [line.strip() for line in content.decode(errors="replace").splitlines()]
    said = [line for line in lines if line and not line.startswith(("#", ";"))]
    is_table = bool(said) and _TABLE.match(said[0])
    if is_table or b'"_meta"' in content:
        return ""
    is_ssh = any(re.match(r"(?:host|match)[\s=]", line, re.IGNORECASE) for line in said)
    return "ssh" if is_ssh else "ansible"


# --- Ansible -------------------------------------------------------------------------------------


def _ansible(file: Path) -> str:
    """Return what `ansible-inventory --list` says, "" where it is not there or cannot say."""
    program = shutil.which("ansible-inventory")
    if program is None or "," in str(file.absolute()):
        return ""
    strict = {
        "ANSIBLE_INVENTORY_UNPARSED_FAILED": "1",
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1",
    }
    ended = _run([program, "-i", str(file.absolute()), "--list"], strict)
    said = _parsed(ended.stdout) if ended and ended.returncode == 0 else None
    if said is None:
        _tell_failure("ansible-inventory", _last_line(ended.stderr) if ended else "")
        return ""
    say(_("As {program} on this machine says.", program="ansible-inventory"))
    return _reduced(said)


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        said = json.loads(text)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _run(
    words: list[str], settings: Mapping[str, str]
) -> "subprocess.CompletedProcess[str] | None":
    try:
        return subprocess.run(
            words,
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def _reduced(said: dict[str, Any]) -> str:
    """Return it with no value that the import does not take: it may be a secret."""
    hostvars = said.get("_meta", {}).get("hostvars", {})
    told: set[str] = set()
    kept = {host: dict(_kept(host, own, told)) for host, own in hostvars.items()}
    return json.dumps({**said, "_meta": {"hostvars": kept}}, ensure_ascii=False)


def _kept(host: str, variables: Mapping[str, Any], told: set[str]) -> Iterator[tuple[str, Any]]:
    for name, value in variables.items():
        if _TAKEN.fullmatch(name):
            hidden = isinstance(value, dict) and "__ansible_vault" in value
            yield name, {"__ansible_vault": ""} if hidden else value
        elif _BETWEEN.fullmatch(name):
            yield name, _way(host, value) if value else ""
        elif name.startswith("ansible_") or name not in told:
            told.add(name)
            yield name, None


def _way(host: str, value: object) -> str:
    """Return what tells whether two hosts are reached in one way, and nothing of what it is."""
    text = str(value)
    is_other = isinstance(value, dict) or "{{" in text or "{%" in text  # only Ansible knows
    jump = "-J " if is_other or _JUMP.search(text) else ""
    return jump + hashlib.sha256(f"{host if is_other else ''} {text}".encode()).hexdigest()[:12]


def _tell_of_folders(file: Path) -> None:
    for name in ("group_vars", "host_vars"):
        if file.with_name(name).is_dir():
            say(
                _(
                    "Left out: {what} beside the file is read by ansible-inventory only.",
                    what=name,
                )
            )


# --- ssh -----------------------------------------------------------------------------------------


def _ssh(file: Path, content: bytes) -> str:
    """Return what `ssh -G` says of every host, "" where it is not there or cannot say."""
    program = shutil.which("ssh")
    if program is None:
        return ""
    try:
        said = ssh_answers(program, content)
    except NotAnswered as error:
        _tell_failure("ssh", str(error))
        return ""
    if said:
        say(_("As {program} on this machine says.", program="ssh"))
    return said


def _tell_failure(program: str, why: str) -> None:
    say(
        _(
            "{program} cannot read it ({why}): Slipway's own reader does.",
            program=program,
            why=why or "?",
        )
    )


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "ERROR" in line]
    return (errors or lines or [""])[-1][:200]

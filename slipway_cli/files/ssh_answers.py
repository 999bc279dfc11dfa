"""Asks ssh on this machine what a configuration says of each host that it names."""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

MOST_HOSTS = 2_000
DEEPEST = 16
SECONDS = 20
NOBODY = "slipway-nobody-is-named"
# Behind all others, first value wins: who is still this was given no user.
_LAST = f"\nHost *\n  User {NOBODY}\n".encode()
_LINE = re.compile(r"\s*(host|include)(?:\s*=\s*|\s+)(.+)", re.IGNORECASE)
_WORD = re.compile(r'"([^"]*)"|([^\s"]+)')


class NotAnswered(Exception):
    """ssh cannot read the configuration, or it names too many hosts."""


def ssh_answers(program: str, content: bytes) -> str:
    """Return for each host what `ssh -G` says that it does not say of an empty configuration, after
    a line `host NAME`. Raises NotAnswered."""
    names = list(dict.fromkeys(_names(content.decode(errors="replace"), 0)))
    if len(names) > MOST_HOSTS:
        raise NotAnswered(f"> {MOST_HOSTS}")
    with tempfile.TemporaryDirectory(prefix="slipway-") as folder:
        config, empty = Path(folder, "config"), Path(folder, "empty")
        config.write_bytes(content + _LAST)
        empty.write_bytes(_LAST)
        usual = set(_asked(program, empty, "slipway"))
        lines = [
            line
            for name in names
            for line in (f"host {name}", *_own(_asked(program, config, name), usual))
        ]
    return "\n".join(lines)


def _own(said: list[str], usual: set[str]) -> Iterator[str]:
    for line in said:
        key = line.partition(" ")[0]
        if key in ("hostname", "port") or (key != "host" and line not in usual):
            yield line


def _asked(program: str, config: Path, name: str) -> list[str]:
    words = [program, "-G", "-F", str(config), "--", name]
    try:
        ended = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotAnswered(str(error)) from error
    if ended.returncode != 0:
        last = (ended.stderr.strip().splitlines() or [""])[-1]
        raise NotAnswered(last.replace(f"{config.parent}/", "")[:200])
    return ended.stdout.splitlines()


def _names(text: str, depth: int) -> Iterator[str]:
    for line in text.splitlines():
        found = _LINE.fullmatch(line)
        if not found:
            continue
        words = _words(found[2])
        if found[1].lower() == "host":
            yield from (word for word in words if not re.search(r"[*?]|^[!-]", word))
        elif depth < DEEPEST:
            for word in words:
                yield from _included(word, depth)


def _words(text: str) -> list[str]:
    words: list[str] = []
    for quoted, plain in _WORD.findall(text):
        if plain.startswith("#"):
            break
        words.append(quoted or plain)
    return words


def _included(pattern: str, depth: int) -> Iterator[str]:
    place = Path(pattern).expanduser()
    whole = place if place.is_absolute() else Path.home() / ".ssh" / place
    for file in sorted(whole.parent.glob(whole.name)) if whole.name else ():
        try:
            yield from _names(file.read_text(encoding="utf-8", errors="replace"), depth + 1)
        except OSError:
            continue  # ssh passes over it, too

"""Files of ours in the data folder: secrets, and the database that is a file."""

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet

from slipway.project.environment import CannotStart, user_name

_SQLITE = b"SQLite format 3\0"
_GARBLED = "\N{REPLACEMENT CHARACTER}"


def secret_from(path: Path, make: object) -> str:
    """The text of a secret file, made on first use, readable only by us.

    Raises CannotStart where it is there and is none.
    """
    if not path.exists():
        text = make() if callable(make) else str(make)
        new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text + "\n")
        try:
            os.link(new, path)  # of two processes that start together, one key wins
        except FileExistsError:
            pass
        finally:
            new.unlink()
    text = _read(path).decode(errors="replace").strip()
    if not text or _GARBLED in text:
        raise CannotStart(
            f"{path} is {'garbled' if text else 'empty'}: put it back from a backup. Or move it "
            "away: then a new one is made, and everybody signs in anew."
        )
    return text


def keys_in(path: Path) -> list[str]:
    """Return the keys in the file, newest first; none where there is no file.

    Raises CannotStart where it is there and cannot be read.
    """
    try:
        # What is no text is no key either: who uses them says so.
        return _read(path).decode(errors="replace").split()
    except FileNotFoundError:
        return []


def check_database(path: Path) -> None:
    """Raises CannotStart where something else lies there, or what we may not open."""
    try:
        with path.open("r+b") as file:
            beginning = file.read(len(_SQLITE))
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unusable(path, error) from error
    if beginning and beginning != _SQLITE:
        raise CannotStart(
            f"{path} is no database of SQLite: put it back from a backup, or move it away."
        )


def new_key() -> str:
    return Fernet.generate_key().decode()


def new_secret() -> str:
    return secrets.token_urlsafe(50)


def _read(path: Path) -> bytes:
    """Raises FileNotFoundError, and CannotStart where it is there and cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: OSError) -> CannotStart:
    if path.is_dir():
        return CannotStart(f"{path} is a folder, and should be a file of ours: move it away.")
    ours, owner = user_name(os.geteuid()), user_name(path.stat().st_uid)
    return CannotStart(
        f"{path} of the user {owner} cannot be opened ({error.strerror}), and you are {ours}:\n"
        f"sudo chown {ours}: {path} && sudo chmod 600 {path}"
    )

"""What the surroundings say: folders, databases, keys."""

import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from cryptography.fernet import Fernet

SQLITE_PRAGMAS = "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where this installation keeps its things. `data` is a folder that only we can read."""

    data: Path
    database_url: str
    engine_database_url: str
    allowed_hosts: tuple[str, ...]
    secure_cookies: bool
    debug: bool
    worker_beat: str
    worker_dead_after: str
    builds: Path
    build_user: str

    @classmethod
    def read(cls) -> "Surroundings":
        data = Path(os.environ.get("SLIPWAY_DATA") or Path.home() / ".local/share/slipway")
        database_url = os.environ.get("SLIPWAY_DATABASE_URL", "")
        return cls(
            data=data,
            database_url=database_url,
            engine_database_url=os.environ.get("SLIPWAY_ENGINE_DATABASE_URL", ""),
            allowed_hosts=tuple(
                name
                for name in re.split(r"[,\s]+", os.environ.get("SLIPWAY_ALLOWED_HOSTS", ""))
                if name
            )
            or ("localhost", "127.0.0.1", "[::1]"),
            secure_cookies=os.environ.get("SLIPWAY_HTTPS", "") == "1",
            debug=os.environ.get("SLIPWAY_DEBUG", "") == "1",
            worker_beat=os.environ.get("SLIPWAY_WORKER_BEAT", "5"),
            worker_dead_after=os.environ.get("SLIPWAY_WORKER_DEAD_AFTER", "20"),
            # Beside the data, which is closed to the user that builds run as.
            builds=Path(os.environ.get("SLIPWAY_BUILDS") or data.with_name(f"{data.name}-builds")),
            build_user=os.environ.get("SLIPWAY_BUILD_USER", ""),
        )

    @property
    def engine_url(self) -> str:
        """The engine's database, as SQLAlchemy spells it."""
        url = self.engine_database_url or self.database_url
        if url:
            return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg://", url)
        return f"sqlite:///{self.data / 'engine.sqlite3'}"

    def prepare(self) -> None:
        """Make the data folder, closed to others."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)


def django_database(surroundings: Surroundings) -> dict[str, object]:
    """Django's DATABASES entry for a postgresql:// URL, or for SQLite in the data folder."""
    if not surroundings.database_url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": surroundings.data / "slipway.sqlite3",
            # IMMEDIATE: a transaction that reads and then writes must not find, when it writes,
            # that somebody else was faster ("database is locked", with no waiting at all).
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": SQLITE_PRAGMAS,
            },
        }
    parts = urlsplit(surroundings.database_url)
    options: dict[str, object] = dict(parse_qsl(parts.query))
    host = str(options.pop("host", "")) or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        # Persistent connections leak under ASGI; a pool does not.
        "CONN_MAX_AGE": 0,
        "OPTIONS": {**options, "pool": {"min_size": 1, "max_size": 16, "timeout": 20}},
    }


def secret_from(path: Path, make: object) -> str:
    """The text of a secret file, made on first use, readable only by us."""
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
    return path.read_text().strip()


def new_key() -> str:
    return Fernet.generate_key().decode()


def new_secret() -> str:
    return secrets.token_urlsafe(50)

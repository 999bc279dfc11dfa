"""What the surroundings say: folders, databases, keys."""

import os
import pwd
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

# Each start makes or finds one of them: a folder that has none is somebody else's.
OUR_FILES = ("keys", "secret-key", "slipway.sqlite3", "admin-token")
SQLITE_PRAGMAS = "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"


class CannotStart(Exception):
    """A command cannot be run as things are; says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where this installation keeps its things. `data` is a folder that only we can read."""

    data: Path
    database_url: str
    engine_database_url: str
    allowed_hosts: tuple[str, ...]
    secure_cookies: bool
    debug: bool
    admin_pages: bool
    worker_beat: str
    worker_dead_after: str
    builds: Path
    build_users: str
    build_folders: tuple[str, ...]
    unisolated_builds: tuple[str, ...]
    package_limit: int  # bytes, as are the next
    unpacked_limit: int
    package_files: int
    output_limit: int
    certificate_files: tuple[tuple[str, str], ...]  # (what names it, path)

    @classmethod
    def read(cls) -> "Surroundings":
        data = Path(os.environ.get("SLIPWAY_DATA") or Path.home() / ".local/share/slipway")
        database_url = os.environ.get("SLIPWAY_DATABASE_URL", "")
        return cls(
            data=data,
            database_url=database_url,
            engine_database_url=os.environ.get("SLIPWAY_ENGINE_DATABASE_URL", ""),
            # Who is on this machine may always say so: `slipway up` prints such an address.
            allowed_hosts=(
                *_words("SLIPWAY_ALLOWED_HOSTS", r"[,\s]+"),
                *("localhost", "127.0.0.1", "[::1]"),
            ),
            secure_cookies=os.environ.get("SLIPWAY_HTTPS", "") == "1",
            debug=os.environ.get("SLIPWAY_DEBUG", "") == "1",
            admin_pages=os.environ.get("SLIPWAY_ADMIN", "") == "1",
            worker_beat=os.environ.get("SLIPWAY_WORKER_BEAT", "5"),
            worker_dead_after=os.environ.get("SLIPWAY_WORKER_DEAD_AFTER", "20"),
            # Beside the data, which is closed to the user that builds run as.
            builds=Path(os.environ.get("SLIPWAY_BUILDS") or data.with_name(f"{data.name}-builds")),
            build_users=os.environ.get("SLIPWAY_BUILD_USERS", ""),
            build_folders=_words("SLIPWAY_BUILD_FOLDERS", r":"),
            unisolated_builds=_words("SLIPWAY_UNISOLATED_BUILDS", r"[,\s]+"),
            package_limit=_number("SLIPWAY_PACKAGE_LIMIT", "4G"),
            unpacked_limit=_number("SLIPWAY_UNPACKED_LIMIT", "4G"),
            package_files=_number("SLIPWAY_PACKAGE_FILES", "50000"),
            output_limit=_number("SLIPWAY_OUTPUT_LIMIT", "64M"),
            certificate_files=tuple(_certificate_files(database_url)),
        )

    @property
    def engine_url(self) -> str:
        """The engine's database, as SQLAlchemy spells it."""
        url = self.engine_database_url or self.database_url
        if url:
            return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg://", url)
        return f"sqlite:///{self.data / 'engine.sqlite3'}"

    def prepare(self) -> None:
        """Make the data folder, closed to others; close one of ours, or an empty one.

        Raises CannotStart, where it is another user's or not ours to close.
        """
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        _check_owner(self.data)
        mode = self.data.stat().st_mode
        if not mode & 0o077:
            return
        not_ours = CannotStart(
            f"{self.data} can be read by others and is not ours to close: chmod 700 it, "
            "or name a folder of our own with --data."
        )
        try:
            if mode & stat.S_ISVTX or not _is_for_us(self.data):  # sticky: it is everybody's
                raise not_ours
            self.data.chmod(0o700)
        except PermissionError:
            raise not_ours from None


def _check_owner(folder: Path) -> None:
    """What root made in the folder of the service, the service could not write any more."""
    owner = folder.stat().st_uid
    if owner != os.geteuid():
        name = user_name(owner)
        raise CannotStart(
            f"{folder} is of the user {name}, and you are {user_name(os.geteuid())}: run it as "
            f"that user, as in `runuser -u {name} -- slipway … --data {folder}`."
        )


def user_name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # as in a container, where nobody has given it one
        return f"#{number}"


def _is_for_us(folder: Path) -> bool:
    names = {path.name for path in folder.iterdir() if path.is_file()}
    return not names.isdisjoint(OUR_FILES) or not any(folder.iterdir())


def _words(name: str, between: str) -> tuple[str, ...]:
    return tuple(word for word in re.split(between, os.environ.get(name, "")) if word)


def _certificate_files(database_url: str) -> Iterator[tuple[str, str]]:
    """What OpenSSL reads for build servers, and libpq for PostgreSQL."""
    named = {"SSL_CERT_FILE": os.environ.get("SSL_CERT_FILE", "")}
    if database_url:
        options = dict(parse_qsl(urlsplit(database_url).query))
        for option in ("sslrootcert", "sslcert"):
            variable = f"PG{option.upper()}"
            named[f"{option} of PostgreSQL"] = options.get(option) or os.environ.get(variable, "")
    yield from ((name, path) for name, path in named.items() if path not in ("", "system"))


def _number(name: str, default: str) -> int:
    """A number from the surroundings, with K, M or G behind it for 1024 of the smaller one."""
    text = os.environ.get(name) or default
    found = re.fullmatch(r"([1-9][0-9]{0,14})([KMG]?)", text)
    if not found:
        raise CannotStart(f"{name} should be a number like {default}, and is {text!r}.")
    return int(found[1]) << 10 * " KMG".index(found[2] or " ")


def django_database(surroundings: Surroundings) -> dict[str, object]:
    """Django's DATABASES entry for a postgresql:// URL, or for SQLite in the data folder."""
    if not surroundings.database_url:
        return embedded_database(surroundings.data)
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
        "OPTIONS": {
            **options,
            "pool": {"min_size": 1, "max_size": 16, "timeout": 20},
        },
    }


def embedded_database(data: Path) -> dict[str, object]:
    """Django's DATABASES entry for SQLite in the data folder."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": data / "slipway.sqlite3",
        # IMMEDIATE: a transaction that reads and then writes must not find, when it writes,
        # that somebody else was faster ("database is locked", with no waiting at all).
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": SQLITE_PRAGMAS,
        },
    }

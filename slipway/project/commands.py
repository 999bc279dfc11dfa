"""The server commands: up, web, worker, migrate, move, forget-secrets, demo.

Each reads its own arguments before Django is set up, because they say where the data folder is.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from slipway.project.environment import CannotStart
from slipway.project.limits import memory
from slipway.project.processes.parent import end_with

_DATABASE_AWAY = "Start it, or mend SLIPWAY_DATABASE_URL, then try again."

Command = Callable[[Sequence[str]], int]


def up(argv: Sequence[str]) -> int:
    """Everything on one machine, on an embedded database."""
    parser = _parser("up", "Start everything on this machine: database, web and worker.")
    _add_address(parser)
    options = parser.parse_args(argv)
    memory.load()
    _set_up(options)
    from slipway.project.processes.up import run  # noqa: PLC0415 - models need the settings

    return _or_refused(lambda: run(host=options.host, port=options.port))


def web(argv: Sequence[str]) -> int:
    """The web UI and the API."""
    parser = _parser("web", "Start the web UI and the API.")
    _add_address(parser)
    _add_parent(parser)
    options = parser.parse_args(argv)
    _end_with_parent(options)
    memory.load()
    _settle(options)
    from slipway.project.processes.web import run  # noqa: PLC0415

    return _or_refused(lambda: run(host=options.host, port=options.port))


def worker(argv: Sequence[str]) -> int:
    """The process that makes things happen."""
    parser = _parser("worker", "Start a worker; as many as you like, on PostgreSQL.")
    parser.add_argument("--ready-file", type=Path, help="made when the worker can begin")
    _add_parent(parser)
    options = parser.parse_args(argv)
    _end_with_parent(options)
    memory.load()
    _set_up(options)
    from slipway.project.processes.worker import run  # noqa: PLC0415

    return _or_refused(lambda: run(ready=options.ready_file))


def migrate(argv: Sequence[str]) -> int:
    """Bring the database to this release of Slipway."""
    options = _parser("migrate", "Bring the database to this release.").parse_args(argv)
    _set_up(options)
    from slipway.project.installation.preparation import migrate as bring_up_to_date  # noqa: PLC0415

    return _or_refused(bring_up_to_date)


def move(argv: Sequence[str]) -> int:
    """Copy the embedded database into the one that SLIPWAY_DATABASE_URL names."""
    options = _parser("move", "Copy the embedded database to SLIPWAY_DATABASE_URL.").parse_args(
        argv
    )
    _set_up(options)
    from slipway.project.installation.moving import run  # noqa: PLC0415

    return _or_refused(run)


def forget_secrets(argv: Sequence[str]) -> int:
    """Empty what no key of the key file reads: for when that file is lost for good."""
    description = "Empty what cannot be read, after the key file was lost; it is given again then."
    options = _parser("forget-secrets", description).parse_args(argv)
    _set_up(options)
    from slipway.project.installation.key_file import forget  # noqa: PLC0415

    return _or_refused(lambda: _say_forgotten(forget()))


def _say_forgotten(told: Sequence[str]) -> None:
    lines = [f"Forgotten, to be given again: {each}" for each in told]
    print("\n".join(lines or ["Everything can be read: nothing was forgotten."]), file=sys.stderr)


def demo(argv: Sequence[str]) -> int:
    """The story on this machine in a minute."""
    from slipway_demo.story import run  # noqa: PLC0415 - it is large, and rarely wanted

    return run(argv)


COMMANDS: dict[str, Command] = {
    "up": up,
    "web": web,
    "worker": worker,
    "migrate": migrate,
    "move": move,
    "forget-secrets": forget_secrets,
    "demo": demo,
}


def main(argv: Sequence[str]) -> int:
    """Run the server command that `argv` begins with; returns its exit status."""
    if not argv or argv[0] not in COMMANDS:
        print(f"one of: {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    return COMMANDS[argv[0]](argv[1:])


def _parser(name: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"slipway {name}", description=description)
    parser.add_argument(
        "--data",
        type=Path,
        help="the folder for keys, packages and the embedded database (or SLIPWAY_DATA)",
    )
    return parser


def _add_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on")


def _add_parent(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--parent", type=int, help=argparse.SUPPRESS)  # for `slipway up`


def _end_with_parent(options: argparse.Namespace) -> None:
    if options.parent is not None:
        end_with(options.parent)


def _settle(options: argparse.Namespace) -> None:
    if options.data is not None:
        os.environ["SLIPWAY_DATA"] = str(options.data.resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "slipway.project.settings")


def _or_refused(run: Callable[[], int | None]) -> int:
    """Run it, or say in a sentence why it cannot be."""
    from slipway.records.rows.database.outages import is_away  # noqa: PLC0415

    try:
        return run() or 0
    except CannotStart as error:
        print(error, file=sys.stderr)
    except Exception as error:
        if not is_away(error):
            raise
        why = next(iter(str(error).strip().splitlines()), type(error).__name__)
        print(f"The database does not answer: {why}\n{_DATABASE_AWAY}", file=sys.stderr)
    return 2


def _set_up(options: argparse.Namespace) -> None:
    _settle(options)
    import django  # noqa: PLC0415

    django.setup()
    from slipway.project.logs import configure  # noqa: PLC0415

    configure()

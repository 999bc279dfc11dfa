"""What is installed beside the client: its version, and the commands of the server package."""

from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, version

from slipway_cli.language import Text, _, listed
from slipway_cli.printed.render import out, say

SERVER_COMMANDS = "slipway.commands"  # entry points; the server package brings them


def print_version() -> int:
    """Print the version of the installed package and return the exit code."""
    try:
        out(f"slipway {version('slipway')}")
    except PackageNotFoundError:
        out(_("slipway (not installed as a package)").told)
    return 0


def run_server_command(name: str, *words: str) -> int | None:
    """Run a command of the server package and return its exit code, None if there is none."""
    for command in server_commands():
        if command.name == name:
            return _run(command, list(words))
    return None


def server_commands() -> list[EntryPoint]:
    return sorted(entry_points(group=SERVER_COMMANDS), key=lambda command: command.name)


def about_server_commands() -> Text:
    """Return which commands come from the server package, and where they come from."""
    names = listed(command.name for command in server_commands())
    if names:
        return _("Commands of the server package, installed here: {names}.", names=names)
    return _(
        "The commands up, web, worker, migrate, move, forget-secrets and demo come with the "
        "server package."
    )


def _run(command: EntryPoint, words: list[str]) -> int:
    try:
        run = command.load()
    except ModuleNotFoundError as error:
        say(
            _(
                "`slipway {command}` needs the server package: {error}.",
                command=command.name,
                error=error,
            )
        )
        say(_("Install it whole (its .deb, or its wheel) on the machine that is to run it."))
        return 2
    return int(run(words))

"""The console command `slipway`: finds the group of commands that was asked for and runs it."""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, version
from typing import Annotated

import typer

from slipway_cli.errors import Ended, Interrupted
from slipway_cli.render import as_json, out, say
from slipway_cli.session import Format, Output, Settings, settings_of

SERVER_COMMANDS = "slipway.commands"  # entry points; the server package brings them

# Which module of slipway_cli.commands brings which words. A call loads only what it names.
MODULES = {
    "operations": (
        *("deploy", "upgrade", "rollback", "restart", "stop", "start"),
        *("remove", "retry"),
    ),
    "plans": ("plan",),
    "rollouts": ("rollout",),
    "services": ("service",),
    "versions": ("version",),
    "instances": ("instance",),
    "hosts": ("host",),
    "environments": ("env", "key"),
    "locks": ("lock", "unlock"),
    "audit": ("audit", "doctor"),
    "logins": ("login", "logout", "context"),
    "access": ("token", "user", "grant"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 failed, 2 refused."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words and not words[0].startswith("-") and words[0] not in _client_words():
        for command in _server_commands():
            if command.name == words[0]:
                return _run_server_command(command, words[1:])
    settings = Settings()
    try:
        app(words)(args=words, prog_name="slipway", obj=settings)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except Ended as ended:
        _tell(ended, settings)
        return ended.exit_code
    return 0


def app(words: Sequence[str]) -> typer.Typer:
    """Return the commands whose words are among `words`, or all when there are none."""
    named = [module for module, own in MODULES.items() if set(own) & set(words)]
    root = typer.Typer(
        help="Release automation: plan, deploy, upgrade, roll back.",
        epilog=None if named else _about_server_commands(),
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    root.callback()(_root)
    for module in named or MODULES:
        part: typer.Typer = import_module(f"slipway_cli.commands.{module}").app
        root.registered_commands += part.registered_commands
        root.registered_groups += part.registered_groups
    return root


def _version(asked: bool) -> None:
    if asked:
        try:
            out(f"slipway {version('slipway')}")
        except PackageNotFoundError:
            out("slipway (not installed)")
        raise typer.Exit


def _root(
    ctx: typer.Context,
    context: Annotated[str, typer.Option(help="Which saved login to use.")] = "",
    ca_file: Annotated[str, typer.Option(help="CA certificates to trust (SLIPWAY_CA).")] = "",
    output: Output = None,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_version, help="Print the version."),
    ] = False,
) -> None:
    settings = settings_of(ctx, output)
    settings.context = context
    settings.ca_file = ca_file


def _client_words() -> set[str]:
    return {word for words in MODULES.values() for word in words}


def _server_commands() -> list[EntryPoint]:
    return sorted(entry_points(group=SERVER_COMMANDS), key=lambda command: command.name)


def _run_server_command(command: EntryPoint, words: list[str]) -> int:
    try:
        run = command.load()
    except ModuleNotFoundError as error:
        say(f"`slipway {command.name}` needs the server package: {error}.")
        say("Install it whole (`pip install slipway`) on the machine that is to run it.")
        return 2
    return int(run(words))


def _about_server_commands() -> str:
    names = ", ".join(command.name for command in _server_commands())
    if names:
        return f"Commands of the server package, installed here: {names}."
    return "The commands up, web, worker, migrate and demo come with the server package."


def _tell(ended: Ended, settings: Settings) -> None:
    say(ended.message)
    if ended.hint:
        say(ended.hint)
    if settings.output is Format.JSON and not isinstance(ended, Interrupted):
        out(as_json({"code": ended.code, "message": ended.message, "hint": ended.hint}))

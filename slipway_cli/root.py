"""The client's commands as one program, made of the groups that a call names."""

import os
import sys
from argparse import REMAINDER
from collections.abc import Sequence
from importlib import import_module

from slipway_cli.api.patience import Pauses
from slipway_cli.arguments.grammar import (
    Command,
    Commands,
    Parser,
    about,
    call,
    fill,
    first_kind,
    new_parser,
)
from slipway_cli.arguments.grammar import unknown as unknown_command
from slipway_cli.errors import AlreadyPrinted, Ended, Interrupted
from slipway_cli.language import _, told
from slipway_cli.printed.render import as_json, out, say
from slipway_cli.session import Format, Session, Settings, connect

ABOUT = "Release automation: plan, deploy, upgrade, roll back."


def run(words: Sequence[str], modules: Sequence[str], pauses: Pauses) -> int:
    """Run the command in `words` out of these modules and return its exit code."""
    settings = Settings(pauses=pauses)
    try:
        _run(words, load(modules), settings)
        sys.stdout.flush()
    except SystemExit as ended:
        return int(ended.code or 0)
    except AlreadyPrinted as ended:
        return ended.exit_code
    except Ended as ended:
        _tell(ended, settings)
        return ended.exit_code
    except KeyboardInterrupt:
        return Interrupted.exit_code
    except BrokenPipeError:
        # Whoever read the answer has gone; nothing may be written at the end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def load(modules: Sequence[str]) -> Commands:
    """Return the commands of these modules of slipway_cli.commands."""
    every = Commands()
    for module in modules:
        part: Commands = import_module(f"slipway_cli.commands.{module}").commands
        every.alone |= part.alone
        every.groups |= part.groups
    return every


def _run(words: Sequence[str], commands: Commands, settings: Settings) -> None:
    rest = _before_the_command(words, settings)
    if not rest and import_module("slipway_cli.home").show(settings):
        return
    if not rest or rest[0] in ("--help", "-h"):
        out(_all_help(commands))
        return
    word, *more = rest
    if word in commands.alone:
        _call(f"slipway {word}", commands.alone[word], more, settings)
        return
    if word not in commands.groups:
        raise unknown_command(word, [*commands.alone, *commands.groups])
    group = commands.groups[word]
    found = group.find(more)
    if found is None:
        rows = [(name, told(about(command))) for name, command in group.commands.items()]
        usage = told(_("usage: ")) + f"slipway {word} COMMAND …"
        out("\n".join([told(_(group.help)), "", usage, "", *_listed(rows)]))
        return
    name, left = found
    _call(f"slipway {word} {name}", group.commands[name], left, settings)


def _call(prog: str, command: Command, words: list[str], settings: Settings) -> None:
    parser = new_parser(prog, about(command))
    fill(parser, command)
    add_output(parser)
    values = vars(parser.parse_intermixed_args(words))
    _choose(settings, values.pop("output"))
    needs_session = first_kind(command) is Session
    call(command, connect(settings) if needs_session else settings, values)


def _before_the_command(words: Sequence[str], settings: Settings) -> list[str]:
    parser = Parser(prog="slipway", add_help=False)
    parser.add_argument("--context", default="")
    parser.add_argument("--ca-file", default="")
    parser.add_argument("--help", "-h", action="store_true")
    parser.add_argument("rest", nargs=REMAINDER)
    add_output(parser)
    said = parser.parse_args(words)
    settings.context, settings.ca_file = said.context, said.ca_file
    _choose(settings, said.output)
    return ["--help"] if said.help else list(said.rest)


def add_output(parser: Parser) -> None:
    parser.add_argument(
        "--output",
        "-o",
        choices=[str(each) for each in Format],
        help=told(_("table for people, json for programs")),
    )


def _choose(settings: Settings, output: str | None) -> None:
    if output:
        settings.output = Format(output)


def _all_help(commands: Commands) -> str:
    rows = [(word, told(_(group.help))) for word, group in commands.groups.items()]
    rows += [(word, told(about(command))) for word, command in commands.alone.items()]
    server = told(import_module("slipway_cli.installed").about_server_commands())
    usage = "slipway [--context NAME] [--ca-file FILE] [-o table|json] COMMAND …"
    return "\n".join(
        [
            told(_(ABOUT)),
            "",
            told(_("usage: ")) + usage,
            "",
            *_listed(sorted(rows)),
            "",
            server,
            told(_("Each command has its own --help.")),
        ]
    )


def _listed(rows: Sequence[tuple[str, str]]) -> list[str]:
    room = max(len(word) for word, _ in rows)
    return [f"  {word:<{room}}  {help_text}" for word, help_text in rows]


def _tell(ended: Ended, settings: Settings) -> None:
    say(ended.message)
    if ended.hint:
        say(ended.hint)
    if settings.output is Format.JSON and not isinstance(ended, Interrupted):
        out(as_json({"code": ended.code, "message": ended.message, "hint": ended.hint}))

"""Makes command-line parsers from functions: their parameters are the arguments and options.

The standard library parses: a package that does the same from type hints takes 0.3 s to load, and
a command must have started in 0.4 s.
"""

import inspect
from argparse import ArgumentParser, ArgumentTypeError, BooleanOptionalAction, HelpFormatter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, is_dataclass
from shutil import get_terminal_size
from typing import Annotated, Any, NoReturn, get_args, get_origin

from slipway_cli.arguments.mistakes import recognised, wrapped
from slipway_cli.errors import Usage
from slipway_cli.language import Text, _, joined, told

Command = Callable[..., None]
UNSAID = inspect.Parameter.empty


@dataclass(frozen=True, slots=True)
class Argument:
    """A word that is known by its place. With a default it may be left out."""

    help: str
    metavar: str = ""
    least: int | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """A word with a name before it; `flags` where the parameter's own name is not the one."""

    help: str
    flags: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None


@dataclass(slots=True)
class CommandGroup:
    """Commands under one word. `default` is meant where the next word is none of them."""

    help: str
    default: str = ""
    commands: dict[str, Command] = field(default_factory=dict)

    def command(self, name: str) -> Callable[[Command], Command]:
        def keep(command: Command) -> Command:
            self.commands[name] = command
            return command

        return keep

    def find(self, words: Sequence[str]) -> tuple[str, list[str]] | None:
        """Return the name of the command and the words after it; None where help is wanted."""
        asks = not words or words[0] in ("--help", "-h")
        if asks:
            return None
        if words[0] in self.commands:
            return words[0], list(words[1:])
        if self.default:
            return self.default, list(words)
        raise unknown(words[0], self.commands)


@dataclass(slots=True)
class Commands:
    """What one module brings: commands and groups by their first word."""

    alone: dict[str, Command] = field(default_factory=dict)
    groups: dict[str, CommandGroup] = field(default_factory=dict)

    def command(self, name: str) -> Callable[[Command], Command]:
        def keep(command: Command) -> Command:
            self.alone[name] = command
            return command

        return keep

    def group(self, name: str, help: str, *, default: str = "") -> CommandGroup:
        self.groups[name] = CommandGroup(help, default)
        return self.groups[name]


class Help(HelpFormatter):
    """Help that is broken into lines by columns: signs of some languages take two."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrapped(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + line for line in wrapped(text, width - len(indent)))


class Parser(ArgumentParser):
    """An argument parser whose mistakes are errors of ours."""

    def __init__(self, *, prog: str, description: str = "", add_help: bool = True) -> None:
        super().__init__(
            prog=prog,
            description=description,
            add_help=False,
            allow_abbrev=False,
            formatter_class=Help,
        )
        self._positionals.title = told(_("positional arguments"))
        self._optionals.title = told(_("options"))
        if add_help:
            about_help = told(_("show this help message and exit"))
            self.add_argument("-h", "--help", action="help", help=about_help)

    def format_help(self) -> str:
        from slipway_cli.arguments.examples import shown_examples  # noqa: PLC0415  # for help alone

        own = told(_("usage: ")) + super().format_help().removeprefix("usage: ")
        return own + shown_examples(self.prog.removeprefix("slipway "), columns_here())

    def error(self, message: str) -> NoReturn:
        raise Usage(
            _("{command}: {mistake}.", command=self.prog, mistake=recognised(message)),
            hint=_("See `{command} --help`.", command=self.prog),
        )


def columns_here() -> int:
    """Return how wide help may be, as argparse has it."""
    return get_terminal_size().columns - 2


def unknown(word: str, known: Sequence[str] | dict[str, Any]) -> Usage:
    """Return the error for a word that is no command, with the one that was perhaps meant."""
    from difflib import get_close_matches  # noqa: PLC0415  # only for those who erred

    close = get_close_matches(word, list(known), n=1)
    meant = _("Did you mean “{word}”?", word=close[0]) if close else ""
    said = _("There is no command “{word}”.", word=word)
    return Usage(joined([said, meant]), hint=_("See `{command} --help`.", command="slipway"))


def new_parser(prog: str, about: str) -> Parser:
    return Parser(prog=prog, description=told(about).replace("%", "%%"))


def fill(parser: Parser, command: Command) -> None:
    """Give the parser what the command takes; its first parameter is not from the line."""
    for parameter in _taken(command):
        kind, place = _kind_and_place(parameter)
        if isinstance(place, Argument):
            _add_argument(parser, parameter, kind, place)
        else:
            _add_option(parser, parameter, kind, place)


def call(command: Command, first: object, values: dict[str, Any]) -> None:
    """Call the command with what was parsed, its dataclass parameters made whole."""
    named: dict[str, Any] = {}
    for parameter in list(inspect.signature(command).parameters.values())[1:]:
        if whole := _dataclass(parameter):
            own = inspect.signature(whole).parameters
            named[parameter.name] = whole(**{name: values[name] for name in own})
        else:
            named[parameter.name] = values[parameter.name]
    command(first, **named)


def first_kind(command: Command) -> object:
    """Return the type of the command's first parameter: what it needs to work with."""
    return next(iter(inspect.signature(command).parameters.values())).annotation


def about(command: Command) -> Text:
    return _(" ".join((command.__doc__ or "").split()))


def _taken(command: Command) -> Iterator[inspect.Parameter]:
    for parameter in list(inspect.signature(command).parameters.values())[1:]:
        if whole := _dataclass(parameter):
            yield from inspect.signature(whole).parameters.values()
        else:
            yield parameter


def _dataclass(parameter: inspect.Parameter) -> type | None:
    """Return the dataclass whose fields are options, None for a parameter that is one itself."""
    kind = parameter.annotation
    return kind if isinstance(kind, type) and is_dataclass(kind) else None


def _kind_and_place(parameter: inspect.Parameter) -> tuple[Any, Argument | Option]:
    if get_origin(parameter.annotation) is not Annotated:
        raise TypeError(f"{parameter} says neither Argument nor Option")
    kind, place = get_args(parameter.annotation)
    possible = [each for each in get_args(kind) if each is not type(None)]
    whole = get_origin(kind) is not list and possible
    return (possible[0] if whole else kind), place


def _add_argument(parser: Parser, parameter: inspect.Parameter, kind: Any, place: Argument) -> None:
    many = get_origin(kind) is list
    nargs = "*" if many else None if parameter.default is UNSAID else "?"
    parser.add_argument(
        parameter.name,
        help=_shown(place.help),
        metavar=place.metavar or parameter.name.upper(),
        nargs=nargs,
        default=None if parameter.default is UNSAID else parameter.default,
        type=_whole_number(place.least, None) if kind is int else str if many else kind,
    )


def _add_option(parser: Parser, parameter: inspect.Parameter, kind: Any, place: Option) -> None:
    flags = place.flags or ("--" + parameter.name.replace("_", "-"),)
    said: dict[str, Any] = {"dest": parameter.name, "help": _shown(place.help)}
    if parameter.default is UNSAID:
        said["required"] = True
    else:
        said["default"] = parameter.default
    if kind is bool:
        said["action"] = BooleanOptionalAction if parameter.default is None else "store_true"
    elif get_origin(kind) is list:
        said |= {"action": "append", "metavar": "TEXT"}
    elif kind is int:
        said |= {"type": _whole_number(place.least, place.most), "metavar": "N"}
    else:
        said |= {"type": kind, "metavar": parameter.name.upper()}
    parser.add_argument(*flags, **said)


def _shown(text: str) -> str:
    return told(_(text)).replace("%", "%%")


def _whole_number(least: int | None, most: int | None) -> Callable[[str], int]:
    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise ArgumentTypeError(_("“{word}” is not a whole number", word=text)) from None
        if least is not None and value < least:
            raise ArgumentTypeError(_("{number} is less than {least}", number=value, least=least))
        if most is not None and value > most:
            raise ArgumentTypeError(_("{number} is more than {most}", number=value, most=most))
        return value

    return number

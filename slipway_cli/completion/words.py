"""What may stand where somebody types: commands, options, and names that the server knows."""

from argparse import Action
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from slipway_cli.arguments.grammar import Command, Commands, about, fill, new_parser
from slipway_cli.completion.names import CHOICES, COMMAS, KnownNames, kind_of
from slipway_cli.installed import server_commands
from slipway_cli.language import _, told
from slipway_cli.root import add_output

Candidate = tuple[str, str]  # a word, and what it is: "" where that says itself
Load = Callable[[str], Commands]  # the commands that begin with a word, "" for all
BEFORE = ("--context", "--ca-file", "--output", "-o")  # the command


def candidates(words: Sequence[str], load: Load, names: KnownNames) -> list[Candidate]:
    """Return what may stand in place of the last word; nothing where it is a person's to say."""
    *before, typed = words or [""]
    taken = 0
    while taken < len(before) and before[taken] in BEFORE:
        taken += 2
    if taken > len(before):
        kind = "output" if before[-1] == "-o" else before[-1].strip("-")
        return _beginning(_values(kind, "", names), typed)
    rest = before[taken:]
    if not rest:
        flags = [(flag, "") for flag in BEFORE] if typed.startswith("-") else _commands(load(""))
        return _beginning(flags, typed)
    return _after(rest, typed, load(rest[0]), names)


def _after(before: list[str], typed: str, commands: Commands, names: KnownNames) -> list[Candidate]:
    word, *more = before
    if command := commands.alone.get(word):
        return _of_command(command, word, more, typed, names)
    group = commands.groups.get(word)
    if group is None:
        return []
    if more and (command := group.commands.get(more[0])):
        return _of_command(command, word, more[1:], typed, names)
    if more:
        return []
    found = [(name, told(about(each))) for name, each in group.commands.items()]
    return _beginning(found, typed)


@dataclass(slots=True)
class _Said:
    """What stands before the word that is typed."""

    used: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)
    places: list[str] = field(default_factory=list)
    pending: Action | None = None  # an option that waits for its value


def _of_command(
    command: Command, word: str, before: list[str], typed: str, names: KnownNames
) -> list[Candidate]:
    parser = new_parser(word, "")
    fill(parser, command)
    add_output(parser)
    options = [each for each in parser._actions if each.option_strings]
    places = [each for each in parser._actions if not each.option_strings]
    said = _read(before, options, places)
    if said.pending is not None:
        return _typed_value(said.pending.dest, word, typed, names, said)
    if typed.startswith("-"):
        return _beginning(_flags(options, said), typed)
    many = places and places[-1].nargs == "*"
    if len(said.places) >= len(places) and not many:
        return _beginning(_flags(options, said), typed)
    place = places[min(len(said.places), len(places) - 1)]
    return _typed_value(place.dest, word, typed, names, said)


def _read(before: list[str], options: list[Action], places: list[Action]) -> _Said:
    by_flag = {flag: each for each in options for flag in each.option_strings}
    said = _Said()
    for each in before:
        if said.pending is not None:
            said.values[said.pending.dest], said.pending = each, None
        elif option := by_flag.get(each):
            said.used.add(option.dest)
            said.pending = option if option.nargs != 0 else None
        else:
            if len(said.places) < len(places):
                said.values[places[len(said.places)].dest] = each
            said.places.append(each)
    return said


def _flags(options: list[Action], said: _Said) -> list[Candidate]:
    return [
        (flag, (option.help or "").replace("%%", "%"))  # as argparse has it
        for option in options
        if option.dest not in said.used or _repeats(option)
        for flag in option.option_strings
        if flag.startswith("--")
    ]


def _repeats(option: Action) -> bool:
    return type(option).__name__ == "_AppendAction"


def _typed_value(
    dest: str, word: str, typed: str, names: KnownNames, said: _Said
) -> list[Candidate]:
    kind = kind_of(dest, word)
    if dest not in COMMAS:
        names = names.after(said.values, typed)
        return _beginning(_values(kind, word, names), typed)
    head, comma, last = typed.rpartition(",")
    there = set(head.split(","))
    found = _beginning(_values(kind, word, names.after(said.values, last)), last)
    return [(head + comma + name, text) for name, text in found if name not in there]


def _values(kind: str, word: str, names: KnownNames) -> Iterable[Candidate]:
    if choices := CHOICES.get((word, kind)) or CHOICES.get(("", kind)):
        return [(each, "") for each in choices]
    return names.of(kind)


def _commands(commands: Commands) -> list[Candidate]:
    rows = [(word, told(_(group.help))) for word, group in commands.groups.items()]
    rows += [(word, told(about(command))) for word, command in commands.alone.items()]
    rows += [(command.name, "") for command in server_commands()]
    return sorted(rows)


def _beginning(found: Iterable[Candidate], typed: str) -> list[Candidate]:
    return [each for each in found if each[0].startswith(typed)]

"""Hosts of an SSH configuration: each with what `ssh -G` would say of it, where a file can say it.

What only ssh can judge (`Match exec`) or read (`Include`) is named and left out: nothing is run."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from slipway.core.reading.inventory import left_out
from slipway.core.reading.inventory.entries import HostEntry, Notes, counted, port_of
from slipway.core.reading.inventory.ssh_patterns import Patterns, check_looks
from slipway.core.words.refusal import Invalid

BETWEEN = ("proxyjump", "proxycommand")
TAKEN = ("hostname", "user", "port", *BETWEEN)
_WORD = re.compile(r"""(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+""")
_QUOTES = re.compile(r"""\\(["'\\ ])|["']""")
_LINE = re.compile(r"([^\s=]+)(?:\s*=\s*|\s+|$)(.*)")
_TOKEN = re.compile(r"%(.?)")


@dataclass(slots=True)
class Block:
    """Lines that hold for some hosts. `hostname`: held against the address instead of the name."""

    patterns: Patterns
    hostname: bool = False
    is_match: bool = False
    judged: bool = True
    line: int = 0
    said: dict[str, str] = field(default_factory=dict)


def read_ssh_config(text: str, notes: Notes) -> list[HostEntry]:
    """Return the hosts that are named in a configuration. Raises Invalid."""
    return _Config(list(_blocks(text, notes)), notes).read()


def _blocks(text: str, notes: Notes) -> Iterator[Block]:
    block = Block(Patterns.of(["*"]))
    for number, raw in enumerate(text.split("\n"), start=1):
        line = _LINE.fullmatch(raw.strip())
        if not line or raw.strip().startswith("#"):
            continue
        keyword, words = line[1].lower(), _words(line[2], number)
        if keyword in ("host", "match"):
            yield block
            block = _block(keyword, words, number, notes)
        else:
            _take(block, line[1], words, number, notes)
    yield block


def _words(text: str, number: int) -> list[str]:
    words = []
    at = 0
    while rest := text[at:].lstrip():
        if rest.startswith("#"):
            break
        at = len(text) - len(rest)
        found = _WORD.match(text, at)
        if not found:
            raise Invalid("Line {line}: a quote is not closed.", line=number)
        words.append(_QUOTES.sub(r"\1", found[0]))
        at = found.end()
    return words


def _block(keyword: str, words: list[str], number: int, notes: Notes) -> Block:
    if keyword == "host":
        return Block(Patterns.of(words), line=number)
    match [part for word in words for part in word.split("=", 1)]:
        case [kind] if kind.lower() == "all":
            return Block(Patterns.of(["*"]), is_match=True)
        case [kind, listed] if kind.lower() in ("host", "originalhost"):
            patterns = Patterns.of(listed.lower().split(","))  # here, unlike in Host
            return Block(patterns, hostname=kind.lower() == "host", is_match=True)
    notes.tell(left_out.condition(number, "Match " + " ".join(words[:1])))
    return Block(Patterns.of([]), is_match=True, judged=False)


def _take(block: Block, keyword: str, words: list[str], number: int, notes: Notes) -> None:
    key = keyword.lower()
    if not block.judged:
        notes.tell(left_out.conditional(number, keyword))
        return
    if key == "include":
        notes.tell(left_out.include(number, " ".join(words)))
    elif key in BETWEEN:
        if (words or ["none"])[0].lower() != "none":
            notes.tell(left_out.way_there(number, keyword))
    elif key not in TAKEN:
        notes.tell(left_out.setting(number, keyword))
    if key in TAKEN:
        block.said.setdefault(key, " ".join(words))


class _Config:
    """Blocks in their order, found quickly for a name."""

    def __init__(self, blocks: list[Block], notes: Notes) -> None:
        self._notes = notes
        self._blocks = blocks
        self._by_name: defaultdict[str, list[int]] = defaultdict(list)
        self._patterns: list[int] = []
        settled: set[str] = set()  # said for everybody: what comes later never counts
        for number, block in enumerate(blocks):
            block.said = {key: text for key, text in block.said.items() if key not in settled}
            if block.patterns.is_everybody and not block.hostname:
                settled |= block.said.keys()
            if not block.is_match and block.patterns.is_plain:
                for name in block.patterns.names:
                    self._by_name[name].append(number)
            elif block.said:
                self._patterns.append(number)

    def read(self) -> list[HostEntry]:
        hosts: dict[str, HostEntry | None] = {}
        mentions = 0
        for block in self._blocks:
            for name in block.patterns.names if not block.is_match else ():
                mentions = counted(mentions, hosts, name)
                hosts.setdefault(name)
        length = sum(self._blocks[number].patterns.length for number in self._patterns)
        check_looks(len(hosts), length)
        met: set[int] = set()
        found = [_host(name, self._said_of(name, met), self._notes) for name in hosts]
        self._note_unmet(met)
        return [host for host in found if host]

    def _said_of(self, name: str, met: set[int]) -> dict[str, str]:
        said: dict[str, str] = {}
        for number in sorted({*self._by_name.get(name, ()), *self._patterns}):
            block = self._blocks[number]
            if block.patterns.match(_about(block, name, said)):
                met.add(number)
                said = block.said | said  # what was said first counts
        return said

    def _note_unmet(self, met: set[int]) -> None:
        for number in self._patterns:
            block = self._blocks[number]
            if number not in met and block.line and not block.patterns.is_everybody:
                self._notes.tell(left_out.unnamed(block.line, " ".join(block.patterns.words)))


def _about(block: Block, name: str, said: dict[str, str]) -> str:
    """Return what the patterns of a block are held against."""
    about = _expanded(said.get("hostname", name), name) if block.hostname else name
    return about.lower() if block.is_match else about


def _host(name: str, said: dict[str, str], notes: Notes) -> HostEntry | None:
    port = port_of(said.get("port", ""))
    address = _expanded(said.get("hostname", ""), name)
    if port < 0:
        notes.tell(left_out.no_port(name, said["port"]))
        return None
    if "%" in address.replace("%%", ""):
        notes.tell(left_out.no_address(name, said["hostname"]))
        return None
    ways = [said[key] for key in BETWEEN if said.get(key, "none").lower() != "none"]
    via = " ".join(ways).replace("%n", name)
    return HostEntry(name, address.replace("%%", "%"), port, said.get("user", ""), via=via)


def _expanded(hostname: str, name: str) -> str:
    return _TOKEN.sub(lambda found: name if found[1] == "h" else found[0], hostname)


def read_ssh_answers(text: str, notes: Notes) -> list[HostEntry]:
    """Return the hosts of what `ssh -G` said of each, one after the other, each after a line
    `host NAME`. Raises Invalid."""
    hosts: dict[str, dict[str, str]] = {}
    others: defaultdict[str, list[str]] = defaultdict(list)
    name, mentions = "", 0
    for raw in text.split("\n"):
        key, _, value = raw.strip().partition(" ")
        if key == "host":
            name, mentions = value, counted(mentions, hosts, value)
            hosts.setdefault(name, {})
        elif key and not hosts:
            raise Invalid("This is not what `ssh -G` says.")
        elif key in BETWEEN:
            notes.tell(left_out.way_there(name, key))
            hosts[name][key] = value
        elif key in TAKEN:
            hosts[name][key] = value
        elif key and others[key][-1:] != [name]:
            others[key].append(name)
    for key, names in others.items():
        notes.tell(left_out.setting(", ".join(names), key))
    found = (_host(name, answer, notes) for name, answer in hosts.items())
    return [host for host in found if host]

"""A host as another tool wrote it down, and what of a file does not become hosts."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from slipway.core.reading.inventory import left_out
from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid
from slipway.core.words.sentence import Sentence

MOST_HOSTS = 10_000
MOST_MENTIONS = 50_000  # of hosts: a few lines with ranges would name them by the million

MOST_LABELS = 200  # of one host; groups are labels, too
MOST_NOTES = 1_000


@dataclass(frozen=True, slots=True)
class HostEntry:
    """One host as it was written down; "" and 0 where nothing was said.

    `via`: what stands between, such as a jump host: behind two of them, one address may be two
    machines.
    """

    name: str
    address: str = ""
    port: int = 0
    user: str = ""
    root: str = ""
    become: str = ""
    environment: str = ""
    key: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    via: str = ""


class Notes:
    """What is left out, in the order of the file, each once; so many, and then only their count."""

    def __init__(self) -> None:
        self._kept: dict[Sentence, None] = {}
        self._more = 0

    def tell(self, sentence: Sentence) -> None:
        if len(self._kept) < MOST_NOTES or sentence in self._kept:
            self._kept[sentence] = None
        else:
            self._more += 1

    def take(self, others: "Notes") -> None:
        for sentence in others._kept:
            self.tell(sentence)
        self._more += others._more

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return (*self._kept, *([left_out.more(self._more)] if self._more else []))


def counted(mentions: int, known: Collection[str], name: str) -> int:
    """Return how often hosts were named, now that `name` is. Raises Invalid for too many."""
    if mentions == MOST_MENTIONS:
        raise Invalid("The file names hosts more than {most} times.", most=MOST_MENTIONS)
    if name not in known and len(known) == MOST_HOSTS:
        raise Invalid("More than {most} hosts at once.", most=MOST_HOSTS)
    return mentions + 1


def merged(entries: Sequence[HostEntry], notes: Notes) -> tuple[HostEntry, ...]:
    """Return one entry for each machine: a second name of one is told, its labels are kept.

    An address that is reached in several ways may be as many machines: of those behind a jump host
    none is returned, and each is told.
    """
    ways: defaultdict[object, dict[str, HostEntry]] = defaultdict(dict)
    for entry in entries:
        ways[_place(entry)].setdefault(entry.via, entry)
    machines: dict[object, HostEntry] = {}
    for entry in entries:
        address, port, _ = place = _place(entry)
        other = next((each for via, each in ways[place].items() if via != entry.via), None)
        if entry.via and other:
            notes.tell(left_out.other_way(entry.name, other.name, address, port))
            continue
        known = machines.setdefault(place, entry)
        if known is not entry:
            machines[place] = replace(known, labels={**entry.labels, **known.labels})
            notes.tell(left_out.other_name(entry.name, known.name, address, port))
    return tuple(machines.values())


def _place(entry: HostEntry) -> tuple[str, int, str]:
    return (entry.address or entry.name).lower(), entry.port or 22, entry.environment


def check_label_count(name: str, labels: int) -> None:
    """Raise Invalid where a host has too many labels."""
    if labels > MOST_LABELS:
        said = "{host} has more than {most} labels and groups."
        raise Invalid(said, host=shown(name), most=MOST_LABELS)


def port_of(text: str) -> int:
    """Return the port, 0 for "", -1 for what is none."""
    if not text:
        return 0
    digits = text.isascii() and text.isdigit() and not text.startswith("0")
    return int(text) if digits and len(text) < 6 and int(text) <= 65535 else -1

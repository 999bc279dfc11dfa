"""The sentences about what a file of hosts says and the import does not take."""

from slipway.core.words.names import shown
from slipway.core.words.sentence import Sentence

Where = int | str  # a line by its number, or a host by its name

TEMPLATE = Sentence.of("template", "a template, which only Ansible works out")
ENCRYPTED = Sentence.of("encrypted", "encrypted by ansible-vault")
NO_TEXT = Sentence.of("no_text", "no single text")
NO_PORT = Sentence.of("no_port", "no port")
NO_ANSWER = Sentence.of("no_answer", "neither yes nor no")


def line_of(number: int) -> Sentence:
    return Sentence.of("line", "Line {line}", line=number)


def setting(where: Where, what: str) -> Sentence:
    return Sentence.of(
        "left_out", "{where}: {what} is left out.", where=_place(where), what=shown(what)
    )


def way_there(where: Where, what: str) -> Sentence:
    return Sentence.of(
        "left_out",
        "{where}: {what} is left out: hosts are reached directly, without jump host or proxy.",
        where=_place(where),
        what=shown(what),
    )


def other_variable(where: Where, what: str) -> Sentence:
    return Sentence.of(
        "left_out",
        "{where}: {what} is left out: it does not say how a host is reached.",
        where=_place(where),
        what=shown(what),
    )


def not_by_ssh(host: str, kind: str) -> Sentence:
    return Sentence.of(
        "left_out",
        "{where} is left out: it is not reached by SSH (ansible_connection={kind}).",
        where=shown(host),
        kind=shown(kind),
    )


def unreadable(host: str, what: str, why: Sentence, line: int = 0) -> Sentence:
    """`line`: where it stands; 0 where that is not known."""
    if not line:
        return Sentence.of(
            "left_out",
            "{where} is left out: {what} is {why}.",
            where=shown(host),
            what=what,
            why=why,
        )
    return Sentence.of(
        "left_out",
        "{where} is left out: {what} is {why} ({line}).",
        where=shown(host),
        what=what,
        why=why,
        line=line_of(line),
    )


def become_method(host: str, method: str) -> Sentence:
    return Sentence.of(
        "left_out",
        "{where}: ansible_become_method={method} is left out: Slipway becomes root by sudo only.",
        where=shown(host),
        method=shown(method),
    )


def become_user(host: str, user: str) -> Sentence:
    return Sentence.of(
        "left_out",
        "{where}: ansible_become_user={user} is left out: sudo makes Slipway root.",
        where=shown(host),
        user=shown(user),
    )


def group(name: str) -> Sentence:
    return Sentence.of(
        "left_out", "The group {group} is left out: it cannot be a label.", group=shown(name)
    )


def second_key(where: Where, what: str) -> Sentence:
    return Sentence.of(
        "left_out",
        "{where}: {what} is there twice, and this one counts.",
        where=_place(where),
        what=shown(what),
    )


def second_row(line: int, host: str) -> Sentence:
    return Sentence.of(
        "left_out",
        "{where}: {host} is there twice, and the first line counts.",
        where=line_of(line),
        host=shown(host),
    )


def column(name: str) -> Sentence:
    return Sentence.of("left_out", "The column {column} is left out.", column=shown(name))


def more_cells(line: int) -> Sentence:
    return Sentence.of(
        "left_out",
        "{where}: what stands behind the last column is left out.",
        where=line_of(line),
    )


def nameless(line: int) -> Sentence:
    return Sentence.of("left_out", "{where} is left out: it names no host.", where=line_of(line))


def no_port(where: Where, port: str) -> Sentence:
    return Sentence.of(
        "left_out",
        "{where} is left out: {port} is not a port.",
        where=_place(where),
        port=shown(port),
    )


def no_address(host: str, text: str) -> Sentence:
    return Sentence.of(
        "left_out",
        "{where} is left out: its HostName {text} cannot be read.",
        where=shown(host),
        text=shown(text),
    )


def condition(line: int, what: str) -> Sentence:
    return Sentence.of(
        "left_out",
        "{where}: {what} is left out, with the lines below it: only ssh can say when it holds.",
        where=line_of(line),
        what=shown(what),
    )


def conditional(line: int, what: str) -> Sentence:
    return Sentence.of(
        "left_out",
        "{where}: {what} is left out, as its Match is.",
        where=line_of(line),
        what=shown(what),
    )


def include(line: int, files: str) -> Sentence:
    return Sentence.of(
        "left_out",
        "{where}: Include {files} is left out: other files are not read here, though what they say"
        " counts before what follows.",
        where=line_of(line),
        files=shown(files),
    )


def unnamed(line: int, pattern: str) -> Sentence:
    return Sentence.of(
        "left_out",
        "{where}: the hosts of {pattern} are not named in the file, and left out.",
        where=line_of(line),
        pattern=shown(pattern),
    )


def other_name(name: str, host: str, address: str, port: int) -> Sentence:
    return Sentence.of(
        "left_out",
        "{where} is another name of {host}: {address}, port {port}. It is one host.",
        where=shown(name),
        host=shown(host),
        address=shown(address),
        port=port,
    )


def other_way(name: str, host: str, address: str, port: int) -> Sentence:
    return Sentence.of(
        "left_out",
        "{where} is left out: which machine {address}, port {port} is depends on the jump host, and"
        " {host} is reached by another way. Networks with addresses of their own cannot be imported"
        " yet.",
        hint="Give the machine an address at which Slipway reaches it directly.",
        where=shown(name),
        host=shown(host),
        address=shown(address),
        port=port,
    )


def more(count: int) -> Sentence:
    return Sentence.of("left_out", "{count} more are left out.", count=count)


def _place(where: Where) -> Sentence | str:
    return line_of(where) if isinstance(where, int) else shown(where, 400)

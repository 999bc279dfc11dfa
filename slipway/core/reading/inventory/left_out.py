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
    return _left_out("{where}: {what} is left out.", where=where, what=what)


def way_there(where: Where, what: str) -> Sentence:
    return _left_out(
        "{where}: {what} is left out: hosts are reached directly, without jump host or proxy.",
        where=where,
        what=what,
    )


def other_variable(where: Where, what: str) -> Sentence:
    return _left_out(
        "{where}: {what} is left out: it does not say how a host is reached.",
        where=where,
        what=what,
    )


def not_by_ssh(host: str, kind: str) -> Sentence:
    return _left_out(
        "{where} is left out: it is not reached by SSH (ansible_connection={kind}).",
        where=host,
        kind=kind,
    )


def unreadable(host: str, what: str, why: Sentence, line: int = 0) -> Sentence:
    """`line`: where it stands; 0 where that is not known."""
    if not line:
        return _left_out(
            "{where} is left out: {what} is {why}.",
            where=host,
            what=what,
            why=why,
        )
    return _left_out(
        "{where} is left out: {what} is {why} ({line}).",
        where=host,
        what=what,
        why=why,
        line=line_of(line),
    )


def become_method(host: str, method: str) -> Sentence:
    return _left_out(
        "{where}: ansible_become_method={method} is left out: Slipway becomes root by sudo only.",
        where=host,
        method=method,
    )


def become_user(host: str, user: str) -> Sentence:
    return _left_out(
        "{where}: ansible_become_user={user} is left out: sudo makes Slipway root.",
        where=host,
        user=user,
    )


def group(name: str) -> Sentence:
    return _left_out("The group {group} is left out: it cannot be a label.", group=name)


def second_key(where: Where, what: str) -> Sentence:
    return _left_out("{where}: {what} is there twice, and this one counts.", where=where, what=what)


def second_row(line: int, host: str) -> Sentence:
    return _left_out(
        "{where}: {host} is there twice, and the first line counts.", where=line, host=host
    )


def column(name: str) -> Sentence:
    return _left_out("The column {column} is left out.", column=name)


def more_cells(line: int) -> Sentence:
    return _left_out("{where}: what stands behind the last column is left out.", where=line)


def nameless(line: int) -> Sentence:
    return _left_out("{where} is left out: it names no host.", where=line)


def no_port(where: Where, port: str) -> Sentence:
    return _left_out("{where} is left out: {port} is not a port.", where=where, port=port)


def no_address(host: str, text: str) -> Sentence:
    return _left_out(
        "{where} is left out: its HostName {text} cannot be read.", where=host, text=text
    )


def condition(line: int, what: str) -> Sentence:
    return _left_out(
        "{where}: {what} is left out, with the lines below it: only ssh can say when it holds.",
        where=line,
        what=what,
    )


def conditional(line: int, what: str) -> Sentence:
    return _left_out("{where}: {what} is left out, as its Match is.", where=line, what=what)


def include(line: int, files: str) -> Sentence:
    return _left_out(
        "{where}: Include {files} is left out: other files are not read here, though what they say"
        " counts before what follows.",
        where=line,
        files=files,
    )


def unnamed(line: int, pattern: str) -> Sentence:
    return _left_out(
        "{where}: the hosts of {pattern} are not named in the file, and left out.",
        where=line,
        pattern=pattern,
    )


def other_name(name: str, host: str, address: str, port: int) -> Sentence:
    return _left_out(
        "{where} is another name of {host}: {address}, port {port}. It is one host.",
        where=name,
        host=host,
        address=address,
        port=port,
    )


def other_way(name: str, host: str, address: str, port: int) -> Sentence:
    return _left_out(
        "{where} is left out: which machine {address}, port {port} is depends on the jump host, and"
        " {host} is reached by another way. Networks with addresses of their own cannot be imported"
        " yet.",
        hint="Give the machine an address at which Slipway reaches it directly.",
        where=name,
        host=host,
        address=address,
        port=port,
    )


def more(count: int) -> Sentence:
    return _left_out("{count} more are left out.", count=count)


def _left_out(template: str, *, hint: str = "", **values: object) -> Sentence:
    """What others have written is shown cut; `where` is a line, by its number, or hosts."""
    for name, value in values.items():
        if isinstance(value, str):
            values[name] = shown(value, 400 if name == "where" else 80)
        elif name == "where" and isinstance(value, int):
            values[name] = line_of(value)
    return Sentence.of("left_out", template, hint=hint, **values)

"""The host program as one text, and the command lines that call it."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from slipway.core.hosts.access import HostAccess
from slipway.core.spec.values import Supervisor
from slipway.ports import HostIncapable

NOT_OURS = "its folder .slipway belongs to somebody else: chown it to the user that logs in"
MISSING = 97  # exit status: the program is not on the host
SHELL = "slipway-shell"  # the word before a resident shell's number
CUT_OFF = 98  # exit status: the request did not arrive whole

_PARTS = (
    "start",
    "serving/request",
    "serving/clock",
    "serving/owners",
    "hands/hands",
    "serving/fence",
    "instances/state",
    "serving/tickets",
    "serving/resident",
    "serving/runner",
    "scripts/launch",
    "scripts/scripts",
    "instances/instance",
    "instances/settings",
    "instances/shared",
    "seeing/processes",
    "seeing/ports",
    "seeing/causes",
    "supervisors/units",
    "supervisors/supervisor",
    *(f"supervisors/{kind}" for kind in Supervisor),
    "supervisors/boot",
    "seeing/probe",
    "seeing/health_check",
    "seeing/asking",
    "releases/package",
    "releases/readers",
    "releases/contents",
    "releases/prune",
    "seeing/drift",
    "seeing/observe",
    "seeing/look",
    "program",
)
_HANDS = ("bodies", "processes", "sockets", "asking", "folders", "hands")
_OF_OURS = re.compile(r"^from slipway\.host\.[\w.]+ import (?:\([^)]*\)|.*)\n", re.MULTILINE)
_QUOTE = "'\\''"
_ROOT = re.compile(r"(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+")
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


class ProgramMissing(Exception):
    """The host program is not on the host, or another version of it."""


@dataclass(frozen=True, slots=True)
class Program:
    text: bytes
    sha256: str


@cache
def host_program() -> Program:
    folder = resources.files("slipway.host")
    parts = [folder.joinpath(f"{part}.sh").read_text(encoding="utf-8") for part in _PARTS]
    programs = [
        _as_variable("zip", "releases/zip"),
        _as_variable("hands", *(f"hands/{module}" for module in _HANDS)),
    ]
    known = f"supervisors='{' '.join(Supervisor)}'\n"
    text = "\n".join([*parts, known, *programs, 'main "$@"', "exit", ""]).encode()
    return Program(text, hashlib.sha256(text).hexdigest())


def _as_variable(name: str, *modules: str) -> str:
    """Return the shell's assignment of a program in Python; its modules become one."""
    folder = resources.files("slipway.host")
    text = "".join(folder.joinpath(f"{module}.py").read_text("utf-8") for module in modules)
    quoted = _OF_OURS.sub("", text).replace("'", _QUOTE)
    return f"{name}_program='{quoted}'"


WAIT = "exec sh -c 'read -r _'"  # a command line that does nothing until its input ends


def call(access: HostAccess, verb: str, *arguments: str) -> str:
    """Return the command line that runs a verb of the program kept on the host, or exits 97."""
    path = _path(access)
    words = _words(access, verb, *arguments)
    return _by_sh(f"{_trusted(access)} || exit {MISSING}; exec sh {path} {words}")


def serve(access: HostAccess) -> str:
    """Return the command line of a resident shell. It says first which process it is, whatever the
    login shell's own words are."""
    path, words = _path(access), _words(access, "serve")
    told = f'echo "{SHELL} $$"; exec sh {path} {words}'
    return _by_sh(f"{_trusted(access)} || exit {MISSING}; {told}")


def look_at(processes: Iterable[int]) -> str:
    """Return the command line that says in which state processes are, whatever else they do."""
    numbers = " ".join(str(number) for number in processes)
    told = (
        f"for p in {numbers}; do "
        '{ read -r s <"/proc/$p/stat"; } 2>/dev/null && set -- ${s##*)} && echo "$p $1"; '
        "done; echo looked"
    )
    return _by_sh(told)


def request(verb: str, *arguments: str) -> bytes:
    """Return the line that asks a resident shell for a verb."""
    return f"{' '.join(_plain(verb, *arguments))}\n".encode()


def call_unsent(access: HostAccess, verb: str, *arguments: str) -> str:
    """Return the command line for a program that comes on standard input and leaves no trace."""
    return f"exec sh -s {_words(access, verb, *arguments)}"


def unsent(data: bytes = b"") -> bytes:
    """Return the program for that command line; what it is to read as its request comes with it."""
    if not data:
        return host_program().text
    lines = data.decode().removesuffix("end\n").replace("'", _QUOTE)
    return f"_slipway_asked='{lines}'\n".encode() + host_program().text


def keep_program(access: HostAccess) -> str:
    """Return the command line that keeps the program, which comes on standard input."""
    root, folder, path = _root(access), _folder(access), _path(access)
    made = f"mkdir -p {root}"
    if access.become == "sudo":
        owned = f'sudo -n mkdir -p {root} && sudo -n chown "$(id -u):$(id -g)" {root}'
        made = f"mkdir -p {root} 2>/dev/null || {{ {owned}; }}"
    kept = f"{_whole(f'{path}.$$')} && mv -f {path}.$$ {path}"
    # A cut connection looks like the end of the text, so it counts only with the right sha256.
    ours = f'{{ {_own(folder)} || {{ echo "{NOT_OURS}" >&2; exit 1; }}; }}'
    return _by_sh(
        f"umask 022; test -d {root} || {made}; mkdir -p {folder} && {ours} && "
        # As they were made by a program before this one, everybody could read them.
        f"{{ chmod 700 {folder}/tickets {folder}/incoming 2>/dev/null; true; }} && "
        f"cat >{path}.$$ && {kept} || {{ rm -f {path}.$$; exit 1; }}"
    )


def _by_sh(text: str) -> str:
    """Return the command line for it: whoever logs in may have a fish, or a csh."""
    if "'" in text:
        raise ValueError(f"not to be quoted: {text}")
    return f"exec sh -c '{text}'"


def _trusted(access: HostAccess) -> str:
    """Return the test that the program is there, and nobody's but ours: its name says what it is to
    be, and whoever may write beside it can put another in its place."""
    folder, path = _own(_folder(access)), _path(access)
    return f"{{ {folder} && test -f {path} && {_own(path)} && {_whole(path)}; }} 2>/dev/null"


def _whole(path: str) -> str:
    return f'test "$(sha256sum <{path})" = "{host_program().sha256}  -"'


def _own(path: str) -> str:
    return f"test ! -L {path} -a -O {path}"


def _path(access: HostAccess) -> str:
    return f"{_folder(access)}/{host_program().sha256[:32]}.sh"


def _folder(access: HostAccess) -> str:
    return f"{_root(access)}/.slipway"


def _words(access: HostAccess, *arguments: str) -> str:
    """Return the arguments as they stand in a command line: nothing in them needs quoting."""
    become = "sudo" if access.become == "sudo" else "none"
    return " ".join([_root(access), become, *_plain(*arguments)])


def is_plain(word: str) -> bool:
    """Whether it can stand in a command line as it is."""
    return bool(_TOKEN.fullmatch(word))


def _plain(*words: str) -> tuple[str, ...]:
    for word in words:
        if not is_plain(word):
            raise ValueError(f"not a plain word for a command line: {word!r}")
    return words


def _root(access: HostAccess) -> str:
    if not _ROOT.fullmatch(access.root):
        raise HostIncapable(
            "The root folder {root} of {host} cannot be used.",
            hint="Give the host an absolute path of letters, digits and . _ -, like /opt/slipway.",
            root=access.root,
            host=access.name,
        )
    return access.root

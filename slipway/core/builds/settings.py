"""How a service is built: its part of the settings, read from plain values."""

import fnmatch
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from slipway.core.builds.package_source import PackageSource, SourceKind
from slipway.core.words.durations import parse_duration
from slipway.core.words.names import shown
from slipway.core.words.refusal import Invalid

LONGEST_BUILD = timedelta(hours=24)
DEFAULT_TIME = timedelta(hours=1)
MIB = 1024**2
MOST_MIB = 64 * 1024
MOST_MEMORY_MIB = 1024 * 1024
MOST_PROCESSES = 32_768
MOST_NAMES = 64
_VARIABLE = re.compile(r"[A-Za-z_][0-9A-Za-z_]{0,99}")
_RESERVED = "SLIPWAY_"
# What tells the shells, the linker, the Python and the git of a worker where code is, or to run it.
_STEERS_PROGRAMS = re.compile(
    r"PATH|CDPATH|IFS|ENV|PS4|BASH_ENV|BASHOPTS|SHELLOPTS|GLIBC_TUNABLES|GCONV_PATH"
    r"|(?:LD_|GIT_|PYTHON|SLIPWAY_).*"
)


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """`refs`: patterns (`main`, `release/*`) of builds that others start on the server and that
    become versions too; none by default. `accepts`: variables that a build may be given besides
    those that have a value here."""

    source: PackageSource = field(default_factory=PackageSource)
    variables: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    time_limit: timedelta = DEFAULT_TIME
    size_limit: int = 4096 * MIB  # bytes
    refs: tuple[str, ...] = ()
    accepts: tuple[str, ...] = ()
    memory_limit: int = 4096 * MIB  # bytes, of all processes together
    process_limit: int = 1024
    network: bool = True

    @property
    def declared(self) -> frozenset[str]:
        """The variables that a build may be given; there are no others."""
        return frozenset(self.variables) | frozenset(self.accepts)

    @property
    def run_by_us(self) -> tuple[object, ...]:
        """All that decides what a worker's machine runs for a build by command, and how freely."""
        declared = (dict(self.variables), frozenset(self.accepts))
        return (self.command, declared, self.memory_limit, self.process_limit, self.network)

    def takes(self, ref: str) -> bool:
        return matches(ref, self.refs)


def matches(ref: str, patterns: tuple[str, ...] | list[str]) -> bool:
    """Return whether one of the patterns (`*` and `?`, upper and lower case differ) fits `ref`.

    What is neither branch nor tag, like refs/merge-requests/7/head, is anybody's who may ask for a
    merge: it is meant only where a pattern begins so.
    """
    if ref.startswith("refs/") and not ref.startswith(("refs/heads/", "refs/tags/")):
        patterns = [pattern for pattern in patterns if pattern.startswith("refs/")]
    return any(fnmatch.fnmatchcase(ref, pattern) for pattern in patterns)


def parse_build(values: object) -> BuildSettings:
    """Return the settings. Raises Invalid, naming the key.

    ```yaml
    package: {from: artifact, job: package, path: dist/billing.tar.gz}
    variables: {TARGET: linux} # values that a build may be given others for
    accepts: [CHANNEL]         # further variables that a build may be given
    command: make package      # only for builds by command
    timeout: 30m
    size_limit: 2048           # MiB
    refs: [main, release/*]
    memory_limit: 4096         # MiB; this and the next two only for builds by command
    process_limit: 1024
    network: none              # or machine
    ```
    """
    if not isinstance(values, Mapping):
        raise Invalid("The build settings should be keys with values.")
    given: dict[str, Any] = {}
    for key, value in values.items():
        if key not in _KEYS:
            known = ", ".join(_KEYS)
            raise Invalid(
                "The build settings have no {key}.",
                hint="Known are: {known}.",
                key=shown(str(key)),
                known=known,
            )
        name, read = _KEYS[key]
        given[name] = read(value)
    return BuildSettings(**given)


def _package(value: object) -> PackageSource:
    texts = _texts(value, "package")
    unknown = texts.keys() - {"from", "job", "path", "file", "package", "variable"}
    if unknown:
        raise Invalid("build package: there is no {key}.", key=shown(min(unknown)))
    kind = texts.get("from", SourceKind.ARTIFACT.value)
    if kind not in tuple(SourceKind):
        known = ", ".join(SourceKind)
        raise Invalid("build package: from is one of {known}.", known=known)
    source = PackageSource(
        kind=SourceKind(kind),
        job=texts.get("job", ""),
        path=texts.get("path") or texts.get("file") or texts.get("variable") or "",
        package=texts.get("package", ""),
    )
    if source.kind is SourceKind.REGISTRY and not (source.package and source.path):
        raise Invalid("build package: from registry needs package and file.")
    if source.kind is SourceKind.URL and not _VARIABLE.fullmatch(source.path):
        raise Invalid("build package: from url needs the name of a variable.")
    if source.kind is SourceKind.ARTIFACT and source.path:
        _inner_path(source.path)
    return source


def _inner_path(path: str) -> None:
    if path.startswith("/") or "\\" in path or ".." in path.split("/"):
        raise Invalid(
            "build package: {path} is no path inside the artifacts.", path=f"“{shown(path)}”"
        )


def _variables(value: object) -> dict[str, str]:
    variables = _texts(value, "variables")
    for name in variables:
        if not _VARIABLE.fullmatch(name) or name.startswith(_RESERVED):
            raise Invalid(
                "{name} cannot be a build variable.",
                hint="Letters, digits and _; names that begin with SLIPWAY_ are ours.",
                name=f"“{shown(name)}”",
            )
    return variables


def steers_programs(name: str) -> bool:
    """Return whether a variable of that name changes what the worker's own programs do."""
    return _STEERS_PROGRAMS.fullmatch(name) is not None


def check_command_variables(settings: BuildSettings) -> None:
    """Raise Invalid for a variable that no build by command may declare, whoever wishes it."""
    for name in sorted(filter(steers_programs, settings.declared)):
        raise Invalid(
            "A build by command cannot have the variable {name}: it changes what programs of the "
            "worker do.",
            hint="What the command itself needs, it may set for itself: env {name}=… make package.",
            name=shown(name),
        )


def check_variables(value: object, settings: BuildSettings) -> dict[str, str]:
    """Return the variables of one build. Raises Invalid, naming one that was not declared."""
    variables = _variables(value)
    for name in sorted(variables.keys() - settings.declared):
        raise Invalid(
            "A build may not be given the variable {name}: the service does not declare it.",
            hint="Who may change how it is built declares it: accepts: [{name}]. Declared are: "
            "{declared}.",
            name=shown(name),
            declared=", ".join(sorted(settings.declared)) or "–",
        )
    return variables


def _texts(value: object, key: str) -> dict[str, str]:
    is_texts = isinstance(value, Mapping) and len(value) <= 64
    if not is_texts or not all(isinstance(v, str | int) for v in value.values()):  # type: ignore[attr-defined]
        raise Invalid("build {key}: should be names with texts.", key=key)
    texts = {str(k): str(v) for k, v in value.items()}  # type: ignore[attr-defined]
    if any(len(text) > 4000 or "\0" in text for text in texts.values()):
        raise Invalid("build {key}: a text is too long, or holds NUL.", key=key)
    return texts


def _command(value: object) -> tuple[str, ...]:
    words: list[str]
    if isinstance(value, str):
        try:
            words = shlex.split(value)
        except ValueError as error:
            raise Invalid("build command: a quote is not closed.") from error
    elif isinstance(value, list | tuple) and all(isinstance(word, str) for word in value):
        words = list(value)
    else:
        raise Invalid("build command: should be a line, or a list of words.")
    if not words or any("\0" in word for word in words) or sum(map(len, words)) > 16_000:
        raise Invalid("build command: should be a line, or a list of words.")
    return tuple(words)


def _timeout(value: object) -> timedelta:
    limit = parse_duration(str(value))
    if not timedelta(seconds=1) <= limit <= LONGEST_BUILD:
        raise Invalid("build timeout: from 1s to 24h.")
    return limit


def _size(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_MIB:
        raise Invalid("build size_limit: MiB, from 1 to {most}.", most=MOST_MIB)
    return value * MIB


def _refs(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [value]
    is_list = isinstance(value, list | tuple) and len(value) <= 64
    if not is_list or not all(isinstance(r, str) and 0 < len(r) <= 255 for r in value):  # type: ignore[attr-defined]
        raise Invalid("build refs: should be a list of names or patterns like release/*.")
    return tuple(value)  # type: ignore[arg-type]


def _accepts(value: object) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or len(names) > MOST_NAMES:
        raise Invalid("build accepts: should be a list of names of variables.")
    return tuple(_variables({str(name): "" for name in names}))


def _whole(key: str, most: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            raise Invalid("build {key}: a number from 1 to {most}.", key=key, most=most)
        return value

    return read


def _memory(value: object) -> int:
    return _whole("memory_limit (MiB)", MOST_MEMORY_MIB)(value) * MIB


def _network(value: object) -> bool:
    if value not in ("machine", "none"):
        raise Invalid("build network: machine or none.")
    return value == "machine"


_KEYS: dict[str, tuple[str, Callable[[object], object]]] = {
    "package": ("source", _package),
    "variables": ("variables", _variables),
    "command": ("command", _command),
    "timeout": ("time_limit", _timeout),
    "size_limit": ("size_limit", _size),
    "refs": ("refs", _refs),
    "accepts": ("accepts", _accepts),
    "memory_limit": ("memory_limit", _memory),
    "process_limit": ("process_limit", _whole("process_limit", MOST_PROCESSES)),
    "network": ("network", _network),
}

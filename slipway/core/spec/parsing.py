"""The release spec as people write it: read strictly, overridden per service."""

import re
from collections.abc import Mapping
from dataclasses import fields

from slipway.core.spec.health import CHECKS, argv_of, health_of
from slipway.core.spec.places import ALL_PLACES, check_places
from slipway.core.spec.shorthands import written_out
from slipway.core.spec.supervisors import ALL_SCRIPTS, TRAITS
from slipway.core.spec.values import (
    EVERYBODY,
    Hook,
    Limits,
    ReleaseSpec,
    Scripts,
    Supervisor,
)
from slipway.core.words.documents import Section, load
from slipway.core.words.names import check_user_name, shown
from slipway.core.words.refusal import Invalid
from slipway.core.words.sentence import Sentence

_KEYS = (
    "run",
    "supervisor",
    "user",
    "environment",
    "stop_timeout",
    "shared",
    "scripts",
    "health",
    "limits",
    "keep_releases",
    "readable_by",
)
_SECTIONS = ("environment", "scripts", "health", "limits")
_SCRIPTS = tuple(each.name for each in fields(Scripts))
# What an instance is must not be said twice, and differently.
_OURS = ("PORT", "VERSION", "WEIGHT", "SERVICE", "INSTANCE", "SHARED", "RELEASE")

# They tell the loader what to put into every process, or us what a process is.
_OF_OTHERS = re.compile(r"LD_.*|GLIBC_TUNABLES|SLIPWAY_.*")

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_SHARED = re.compile(r"[0-9A-Za-z_-][0-9A-Za-z._-]*(/[0-9A-Za-z_-][0-9A-Za-z._-]*)*")
_MEMORY = re.compile(r"[1-9][0-9]{0,15}[KMGT]?")
_CPU = re.compile(r"[1-9][0-9]{0,5}%")


def parse_spec(source: str | Mapping[str, object]) -> ReleaseSpec:
    """Read a slipway.yaml, or a mapping of the same keys. Raises Invalid that names the key."""
    document = load(source) if isinstance(source, str) else source
    top = Section.of(written_out(document), "", _KEYS)
    spec = ReleaseSpec(
        run=argv_of(top, "run"),
        supervisor=_supervisor(top),
        user=_user(top),
        environment=_environment(top),
        stop_timeout=top.duration("stop_timeout", ReleaseSpec().stop_timeout),
        shared=_shared(top),
        scripts=_scripts(top),
        health=health_of(top),
        limits=_limits(top),
        keep_releases=top.number("keep_releases", 1, 100) or ReleaseSpec().keep_releases,
        readable_by=_readers(top),
    )
    return _without_contradiction(spec)


def parse_new_spec(source: str | Mapping[str, object]) -> ReleaseSpec:
    """Read what somebody brings: beside what `parse_spec` refuses, also what was allowed once and
    may stand in releases that are a way back. Raises Invalid that names the key."""
    spec = parse_spec(source)
    for name, _ in spec.environment:
        if _OF_OTHERS.fullmatch(name):
            raise Invalid(
                "{key} would reach more than the service itself.",
                hint="Set it in the script that starts the service.",
                key=f"environment.{name}",
            )
    return spec


def merge_spec(package: Mapping[str, object], service: Mapping[str, object]) -> dict[str, object]:
    """Return the package's keys overridden by the service's own, both as in `slipway.yaml`.

    Sections are overridden key by key. What the service says another way replaces what it
    contradicts: another check, or another supervisor. Raises Invalid when a section is none.
    """
    package, service = written_out(package), written_out(service)
    chosen = service.get("supervisor") or (Supervisor.SYSTEMD.value if service.get("run") else "")
    merged = {**package, **service}
    if chosen:
        merged["supervisor"] = chosen
    traits = TRAITS[Supervisor(str(chosen))] if chosen in list(Supervisor) else None
    if traits and not traits.takes_run and "run" not in service:
        merged.pop("run", None)
    for name in _SECTIONS:
        ours = Section.of(package.get(name), name).values
        theirs = Section.of(service.get(name), name).values
        replaced: tuple[str, ...] = ()
        if name == "health" and any(check in theirs for check in CHECKS):
            replaced = (*CHECKS, "expect", "status")
        if name == "scripts" and traits:
            replaced = tuple(each for each in ALL_SCRIPTS if each not in traits.scripts)
        kept = {key: value for key, value in ours.items() if key not in replaced}
        if name in merged:
            merged[name] = kept | dict(theirs)
    return merged


def _either(*words: str) -> Sentence:
    *others, last = words
    return Sentence.of("either", "{one} or {other}", one=", ".join(others), other=str(last))


def _supervisor(top: Section) -> Supervisor:
    text = top.text("supervisor", Supervisor.SYSTEMD.value)
    if text not in list(Supervisor):
        raise Invalid("supervisor should be {known}.", known=_either(*Supervisor))
    return Supervisor(text)


def _readers(top: Section) -> str:
    text = top.text("readable_by", "user")
    if text not in ("user", EVERYBODY):
        raise Invalid("readable_by should be {known}.", known=_either("user", EVERYBODY))
    return text


def _user(top: Section) -> str:
    user = top.text("user")
    return check_user_name(user) if user else ""


def _environment(top: Section) -> tuple[tuple[str, str], ...]:
    section = top.section("environment")
    for name in section.values:
        if not _VARIABLE.fullmatch(name):
            raise Invalid("{key} cannot be the name of a variable.", key=section.at(shown(name)))
        if name in _OURS:
            raise Invalid(
                "{key} is set by Slipway to what the instance really is.",
                hint="Take it out, or call yours by another name.",
                key=section.at(name),
            )
    return tuple(
        (name, check_places(section.text(name), ALL_PLACES)) for name in sorted(section.values)
    )


def _shared(top: Section) -> tuple[str, ...]:
    folders = top.texts("shared")
    for folder in folders:
        if not _SHARED.fullmatch(folder):
            raise Invalid(
                "shared: {folder} is not a folder inside the release.",
                hint="Write plain relative names, like [logs, var/data].",
                folder=shown(folder),
            )
        if any(other != folder and other.startswith(f"{folder}/") for other in folders):
            raise Invalid("shared: {folder} holds another shared folder.", folder=folder)
    return tuple(dict.fromkeys(folders))


def _script(section: Section, key: str) -> tuple[str, ...]:
    return tuple(check_places(word, ALL_PLACES) for word in section.argv(key))


def _way_back(said: Section) -> bool:
    # In YAML all is text until it is understood; what we have kept is not.
    text = str(said.values.get("way_back") or False).lower()
    if text not in ("true", "false"):
        raise Invalid("{key} should be true or false.", key=said.at("way_back"))
    return text == "true"


def _scripts(top: Section) -> Scripts:
    section = top.section("scripts", _SCRIPTS)
    return Scripts(**{name: _hook(section, name) for name in section.values})


def _hook(section: Section, name: str) -> Hook | None:
    if isinstance(section.values[name], Mapping):
        prepares = ("way_back",) if name == "before_activate" else ()
        said = section.section(name, ("run", "timeout", "inactivity_timeout", *prepares))
        argv = _script(said, "run")
        if not argv:
            raise Invalid("{key} is missing.", key=said.at("run"))
        timeout = said.duration("timeout", Hook(()).timeout)
        inactivity = said.duration("inactivity_timeout", timeout)
        return Hook(argv, timeout, inactivity, _way_back(said))
    argv = _script(section, name)
    return Hook(argv) if argv else None


def _limits(top: Section) -> Limits:
    section = top.section("limits", ("memory", "cpu", "tasks", "open_files"))
    memory, cpu = section.text("memory"), section.text("cpu")
    if memory and not _MEMORY.fullmatch(memory):
        raise Invalid("limits.memory should be bytes with K, M, G or T, like 512M.")
    if cpu and not _CPU.fullmatch(cpu):
        raise Invalid("limits.cpu should be a share of one processor, like 150%.")
    tasks = section.number("tasks", 1, 10_000_000)
    files = section.number("open_files", 1, 10_000_000)
    return Limits(memory, cpu, tasks, Limits().open_files if files is None else files)


def _without_contradiction(spec: ReleaseSpec) -> ReleaseSpec:
    traits = TRAITS[spec.supervisor]
    if spec.run and not traits.takes_run:
        raise Invalid(
            "run is said, and supervisor: {supervisor} too.",
            hint="Keep run for a unit, or supervisor: script with scripts.start and scripts.stop.",
            supervisor=spec.supervisor.value,
        )
    for name in ALL_SCRIPTS:
        if name not in traits.scripts and getattr(spec.scripts, name):
            raise Invalid(
                "scripts.{name} is said, and the supervisor is {supervisor}, which does not use"
                " it.",
                hint="Add supervisor: script, or take scripts.{name} out.",
                name=name,
                supervisor=spec.supervisor.value,
            )
    return spec

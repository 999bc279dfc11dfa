"""Which names may be used, and how names are made from facts; a name never needs quoting."""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from slipway.core.words.refusal import Invalid
from slipway.core.words.sentence import Sentence

_SERVICE = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")
_ENVIRONMENT = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?")
_HOST = re.compile(r"[0-9A-Za-z]([0-9A-Za-z._-]{0,126}[0-9A-Za-z])?")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._+-]{0,127}")
_LABEL = re.compile(r"[0-9A-Za-z]([0-9A-Za-z._/-]{0,61}[0-9A-Za-z])?")
_LABEL_VALUE = re.compile(r"([0-9A-Za-z]([0-9A-Za-z._-]{0,61}[0-9A-Za-z])?)?")
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,30}\$?")
_ADDRESS = re.compile(r"[0-9A-Za-z:][0-9A-Za-z.:_%-]{0,252}")
_BRACKETED = re.compile(r"\[([^\[\]]*)\](?::(.*))?")
_ROOT = re.compile(r"(/[0-9A-Za-z_-][0-9A-Za-z._-]{0,254}){1,16}")
_TICKET = re.compile(r"[a-z0-9][a-z0-9-]{0,95}")

_REF_LENGTH = 40
_COMMIT_LENGTH = 7
_STEM_LENGTH = 60


def check_service_name(name: str) -> str:
    """Return `name`. Raises Invalid when a service cannot be called so."""
    if not _SERVICE.fullmatch(name):
        allowed = "Allowed: small letters, digits and inner dashes, at most 64."
        raise _refused("{given} cannot be a service name.", name, allowed).at("name")
    return name


def check_environment_name(name: str) -> str:
    """Return `name`. Raises Invalid when an environment cannot be called so."""
    if not _ENVIRONMENT.fullmatch(name):
        allowed = "Allowed: small letters, digits and inner dashes, at most 64."
        raise _refused("{given} cannot be an environment name.", name, allowed).at("name")
    return name


def check_host_name(name: str) -> str:
    """Return `name`. Raises Invalid when a host cannot be called so."""
    if not _HOST.fullmatch(name):
        allowed = "Allowed: letters, digits and inner . _ -, at most 128."
        raise _refused("{given} cannot be a host name.", name, allowed).at("name")
    return name


def check_version_name(name: str) -> str:
    """Return `name`. Raises Invalid when a version cannot be called so."""
    if not _VERSION.fullmatch(name):
        allowed = "Allowed: letters, digits, . _ + -, a letter or digit first, at most 128."
        raise _refused("{given} cannot be a version name.", name, allowed).at("version")
    if name.lower() == "latest":
        raise Invalid(
            "A version cannot be called {name}: that word always means the newest one.",
            hint="Leave the name out, and it is made from time, ref and commit.",
            name=name,
        ).at("version")
    return name


def check_label(key: str, value: str) -> tuple[str, str]:
    """Return the label. Raises Invalid when key or value cannot be one."""
    if not _LABEL.fullmatch(key):
        allowed = "Allowed: letters, digits and inner . _ / -, at most 63."
        raise _refused("{given} cannot be a label key.", key, allowed)
    if not _LABEL_VALUE.fullmatch(value):
        allowed = "Allowed: letters, digits and inner . _ -, at most 63."
        raise _refused("{given} cannot be a label value.", value, allowed)
    return key, value


def check_user_name(name: str) -> str:
    """Return `name`. Raises Invalid when a Linux user cannot be called so."""
    if not _USER.fullmatch(name):
        allowed = "Allowed: small letters, digits, _ and -, at most 31."
        raise _refused("{given} cannot be a user name.", name, allowed)
    return name


def check_address(address: str) -> str:
    """Return `address`. Raises Invalid for anything but a DNS name or an IP address: what ssh takes
    besides, a user and a port, has fields of its own."""
    user, _, host = address.rpartition("@")
    bare, port = _without_port(host)
    if (user or port or bare != address) and _ADDRESS.fullmatch(bare):
        raise Invalid(
            "{given} is more than an address.",
            hint="Write {what}.",
            given=f"“{shown(address)}”",
            what=_fields(bare, user, port),
        )
    if not _ADDRESS.fullmatch(address):
        allowed = "Allowed: a DNS name or an IP address."
        raise _refused("{given} cannot be a host address.", address, allowed)
    return address


def _without_port(host: str) -> tuple[str, str]:
    """Return an address without brackets, and the port behind it; of IPv6 it is behind brackets."""
    if bracketed := _BRACKETED.fullmatch(host):
        return bracketed[1], bracketed[2] or ""
    bare, colon, port = host.rpartition(":")
    return (bare, port) if colon and ":" not in bare else (host, "")


def _fields(address: str, user: str, port: str) -> Sentence:
    if user and port:
        template = "{address} as the address, {user} as the user and {port} as the port"
    elif user:
        template = "{address} as the address and {user} as the user"
    elif port:
        template = "{address} as the address and {port} as the port"
    else:
        template = "{address} as the address"
    said = {"address": address, "user": shown(user), "port": shown(port)}
    used = {name: value for name, value in said.items() if f"{{{name}}}" in template}
    return Sentence.of("fields", template, **used)


def check_port(port: int) -> int:
    """Return `port`. Raises Invalid outside 1..65535."""
    if not 1 <= port <= 65535:
        allowed = "Allowed: a number from 1 to 65535."
        raise _refused("{given} cannot be a port.", str(port), allowed)
    return port


def check_root(path: str) -> str:
    """Return `path`. Raises Invalid for anything but a plain absolute folder below `/`."""
    if not _ROOT.fullmatch(path):
        allowed = "Allowed: an absolute path of letters, digits and . _ -, like /opt/slipway."
        raise _refused("{given} cannot be a root folder.", path, allowed)
    return path


def version_name(at: datetime, ref: str, commit: str, stem: str = "") -> str:
    """Return `20261123T101502-main-1a2b3c4`, in UTC; `ref`, `commit` and `stem` may be any text at
    all. What came without ref and commit is known to people by its file, whose name begins with
    `stem`: `20261123T101502-shop-1.0`."""
    if at.tzinfo is None:
        raise ValueError("a time without zone")
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%S")
    if stem and not ref and not commit:
        return f"{stamp}-{_slug(stem, _STEM_LENGTH)}"
    return f"{stamp}-{_slug(ref, _REF_LENGTH)}-{_slug(commit, _COMMIT_LENGTH)}"


def instance_key(port: int | None) -> str:
    """Return what an instance is called on its host: its port, or `main` for None and 0."""
    return str(check_port(port)) if port else "main"


def place_name(host: str, port: int) -> str:
    """Return what a place is called: `web-1:8080`, or `web-1` where the service has no port."""
    return f"{host}:{port}" if port else host


def unit_name(service: str, instance: str) -> str:
    """Return the systemd unit's name. `instance` has no dash, so that no two can be the same."""
    return f"slipway-{service}-{instance}.service"


def ticket_id(
    rollout: int, target: int, attempt: int, step_name: str, *, back: bool = False
) -> str:
    """Return a name that no other step ever has: it is what makes starting twice run once. Attempts
    on the way `back` are counted on their own."""
    heading = "b" if back else "a"
    ticket = f"r{rollout}-t{target}-{heading}{attempt}-{step_name.replace('_', '-')}"
    if not _TICKET.fullmatch(ticket):
        raise ValueError(f"not a step name: {step_name!r}")
    return ticket


@lru_cache(maxsize=20_000)
def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that sorts names as people do: numbers in them count as numbers."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name)
    return tuple(
        (0, int(part), "") if part.isdecimal() and part.isascii() else (1, 0, part)
        for part in parts
    )


def some(names: Sequence[str], most: int = 10, between: str = ", ") -> str:
    """Return the first of them, and how many more there are: a list that is cut says so."""
    more = len(names) - most
    return between.join(names[:most]) + (f" (+{more})" if more > 0 else "")


def shown(text: str, limit: int = 80) -> str:
    """Return `text` safe to put into a sentence: no control or direction marks, not too long."""
    plain = "".join(mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}" for mark in text)
    return plain if len(plain) <= limit else f"{plain[: limit - 1]}…"


def _slug(text: str, length: int) -> str:
    # Branch names may hold quotes, `$(…)`, slashes, anything: what is kept is harmless everywhere.
    kept = re.sub(r"[^0-9A-Za-z._]+", "-", text.removeprefix("refs/heads/"))[:length]
    if not text or (kept := kept.strip("-.")):
        return kept or "unknown"
    # Nothing of a Chinese branch is kept: it is told from another one all the same.
    return f"ref-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}"


def _refused(sentence: str, given: str, allowed: str) -> Invalid:
    return Invalid(sentence, hint=allowed, given=f"“{shown(given)}”")

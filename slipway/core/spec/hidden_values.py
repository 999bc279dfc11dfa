"""What of a spec and of a build's settings is for those who run it, and for nobody else's eyes: the
values of its variables, the words of its commands, and the credentials in its addresses."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

HIDDEN = "***"
# Up to the last @ before the path: what is odd in a password hides no more than an odd address.
# What follows a name and a colon, and is no port, is a password, with slashes in it, too.
_CREDENTIALS = re.compile(r"(?<=://)(?:[^/\s:@]*:(?!\d+/|\$\{PORT\}/)\S*|[^/\s]*)@")
_QUERY = re.compile(r"\?.*", re.DOTALL)


def without_credentials(text: str, instead: str = f"{HIDDEN}@") -> str:
    """Return a text with the names and passwords in its addresses hidden."""
    return _CREDENTIALS.sub(instead, text)


def without_secrets(address: str) -> str:
    """Return one address with its credentials and its query hidden: that may hold a token."""
    return _QUERY.sub(f"?{HIDDEN}", without_credentials(address))


def without_words(words: Iterable[object]) -> list[str]:
    """Return a command as the program alone: any word behind it may be a secret."""
    first, *rest = [without_credentials(str(word)) for word in words] or [""]
    return [first, *([HIDDEN] if rest else [])]


def without_values(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return a release spec as people write it, for whoever may not deploy."""
    return _each(
        spec,
        environment=_names,
        run=_command,
        scripts=lambda scripts: _all_of(scripts, _script),
        health=_health,
    )


def without_build_values(build: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a build, for whoever may not build."""
    return _each(build, variables=_names, command=_command)


def without_kept_values(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the audit holds of a thing, for whoever may not deploy."""
    return _each(
        {name: _texts(value) for name, value in kept.items()},
        spec=lambda spec: without_values(spec) if isinstance(spec, Mapping) else spec,
        build=lambda build: without_build_values(build) if isinstance(build, Mapping) else build,
    )


def _each(kept: Mapping[str, Any], **ways: Callable[[Any], Any]) -> dict[str, Any]:
    return {name: ways[name](value) if name in ways else value for name, value in kept.items()}


def _all_of(kept: Any, way: Callable[[Any], Any]) -> Any:
    return {name: way(value) for name, value in kept.items()} if isinstance(kept, Mapping) else kept


def _names(values: Any) -> Any:
    return dict.fromkeys(values, HIDDEN) if isinstance(values, Mapping) else HIDDEN


def _command(words: Any) -> Any:
    if isinstance(words, str):
        return " ".join(without_words(words.split()))
    return without_words(words) if isinstance(words, list | tuple) else words


def _script(script: Any) -> Any:
    return _each(script, run=_command) if isinstance(script, Mapping) else _command(script)


def _health(check: Any) -> Any:
    if not isinstance(check, Mapping):
        return _address(check)
    return _each(check, http=_address, command=_command)


def _address(value: Any) -> Any:
    return without_secrets(value) if isinstance(value, str) else value


def _texts(value: Any) -> Any:
    return without_credentials(value) if isinstance(value, str) else value

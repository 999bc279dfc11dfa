"""A value that holds a secret does not show it where it is printed: in a traceback, or a log."""

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterator

import slipway
import slipway_cli

_SECRETS = re.compile(
    r"(.*_)?(password|passphrase|secret|token|private_key|authorization|cookies?|headers|body)"
)
_SAID_OF_IT = {
    "EventView.token": "its name",
    "SeenEvent.token": "its name",
    "BuildSettingsForm.forget_secret": "whether a box is ticked",
    "HowBuilt.secret": "whose it is",
    "Actor.token": "a row, which shows its name",
    "Author.token": "the same",
}


def _classes() -> Iterator[type]:
    for package in (slipway, slipway_cli):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations." in found.name or found.name.endswith("__main__"):
                continue
            module = importlib.import_module(found.name)
            for one in vars(module).values():
                if isinstance(one, type) and one.__module__ == found.name:
                    yield one


def test_no_value_shows_a_secret_that_it_holds() -> None:
    shown = {
        f"{one.__qualname__}.{field.name}"
        for one in _classes()
        if dataclasses.is_dataclass(one)
        for field in dataclasses.fields(one)
        if field.repr and field.type is not bool and _SECRETS.fullmatch(field.name)
    }
    assert shown == _SAID_OF_IT.keys()

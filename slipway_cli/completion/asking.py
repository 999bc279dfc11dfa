"""`slipway complete WORD…`: what the script of a shell asks at each Tab."""

from collections.abc import Sequence
from itertools import pairwise

from slipway_cli.api.client import Client
from slipway_cli.api.patience import Pauses
from slipway_cli.arguments.grammar import Commands
from slipway_cli.completion.names import KnownNames
from slipway_cli.completion.words import candidates
from slipway_cli.errors import Ended
from slipway_cli.main import MODULES
from slipway_cli.printed.render import one_line, out
from slipway_cli.root import load
from slipway_cli.session import Settings, connect


def run(words: Sequence[str], pauses: Pauses) -> int:
    """Print what may stand in place of the last word: one a line, with what it is behind a tab.
    It says nothing else, whatever happens: somebody is in the middle of a line."""
    try:
        known = KnownNames(lambda: _client(words, pauses), pauses.names)
        found = candidates(words, _load, known)
    except Ended:
        return 1
    for name, text in found:
        out(f"{name}\t{one_line(text).told}" if text else name)
    return 0


def _load(word: str) -> Commands:
    return load([module for module, own in MODULES.items() if not word or word in own])


def _client(words: Sequence[str], pauses: Pauses) -> Client:
    settings = Settings(pauses=pauses)
    for flag, value in pairwise(words):
        if flag == "--context":
            settings.context = value
        elif flag == "--ca-file":
            settings.ca_file = value
    return connect(settings).api

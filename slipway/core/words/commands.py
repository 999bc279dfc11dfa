"""Commands of our command line, as they are typed into a shell."""

import shlex


def typed(*words: str) -> str:
    return f"slipway {shlex.join(words)}"

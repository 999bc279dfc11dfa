"""The host program as a library of shell functions."""

import subprocess

from slipway.adapters.ssh.requests.program import host_program

# Its last two lines are what begins it.
_FUNCTIONS = host_program().text.removesuffix(b'main "$@"\nexit\n').decode()


def run(*lines: str) -> str:
    """What these lines print, with the functions of the host program before them."""
    done = subprocess.run(
        ["sh", "-s", "/nowhere", "none"],
        input="\n".join((_FUNCTIONS, "{", *lines, "} </dev/null", "")),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() + done.stderr

"""A shell with the functions of the host program and with hands, without a host."""

import subprocess

from slipway.adapters.ssh.requests.program import host_program

ALONE = 'set -- /nowhere none x\n{program}\nstart_hands\n[ -n "$hands" ] || exit 1\n'


def alone(script: str, *shell: str) -> list[str]:
    """Run a script in a shell that has hands; return the lines that it printed."""
    program = host_program().text.decode().removesuffix('main "$@"\nexit\n')
    # A script may have a `hand` of its own.
    program = program.replace("\nhand() {", "\nask_hands() {") + 'hand() { ask_hands "$@"; }\n'
    asked = ALONE.format(program=program) + script
    done = subprocess.run(
        shell or ["sh"], check=False, input=asked, capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()

"""Emulates many SSH hosts in one process: real SSH on an address each, and no shell behind it.

`python -m benchmarks.emulated.hosts PORT [--running VERSION]` prints its host key and listens on
all of 127.0.0.0/8 until its standard input closes; a line there is the `spread` from then on: the
seconds within which the ends of chains that come together are spread evenly.
"""

import argparse
import asyncio
import hashlib
import re
import sys
from collections.abc import Callable, Iterator

import asyncssh

from benchmarks.emulated.machine import FACTS, Chain, Machine, read_chain

HELLO = "slipway\n"
SERVED = "served 0\n"
GOLDEN = 0.6180339887  # of whatever numbers, its multiples lie evenly

_VERB = re.compile(r"exec sh \S+ \S+ (?:none|sudo) (.+?)'?$")
_LOOK_BESIDE = re.compile(r"for p in ([\d ]+);")


class Town:
    """All hosts, made when they are first reached."""

    def __init__(self, running: str) -> None:
        self.spread = 0.0
        self._running = running
        self._machines: dict[str, Machine] = {}

    def machine(self, address: str) -> Machine:
        if address not in self._machines:
            self._machines[address] = Machine(len(self._machines), self._running)
        return self._machines[address]

    def delay(self, machine: Machine) -> float:
        """Return how many seconds a chain takes there."""
        return self.spread * (machine.number * GOLDEN % 1)

    async def hear(self) -> None:
        """Take what comes on standard input, until it closes."""
        while line := await asyncio.to_thread(sys.stdin.readline):
            self.spread = float(line)


class Door(asyncssh.SSHServer):
    """Whoever has a key may come in: nothing of value is here."""

    def __init__(self, town: Town) -> None:
        self._town = town

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._machine = self._town.machine(conn.get_extra_info("sockname")[0])

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return True

    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        return Shell(self._town, self._machine)


class Shell(asyncssh.SSHServerSession[bytes]):
    """One call of the host program: a resident, or a verb with a channel of its own."""

    def __init__(self, town: Town, machine: Machine) -> None:
        self._town = town
        self._machine = machine
        self._take: Callable[[bytes], None] = lambda _: None
        self._rest = b""
        self._verb: list[str] = []  # what the lines that come are about; none: a verb is to come
        self._lines: list[str] = []
        self._is_resident = False

    # --- called by AsyncSSH ------------------------------------------------------------------

    def connection_made(self, chan: "asyncssh.SSHServerChannel[bytes]") -> None:
        self._channel = chan

    def exec_requested(self, command: str) -> bool:
        self._command = command
        return True

    def session_started(self) -> None:
        if found := _LOOK_BESIDE.search(self._command):
            self._say("".join(f"{process} S\n" for process in found[1].split()) + "looked\n")
            self._channel.exit(0)
            return
        found = _VERB.search(self._command)
        verb = found[1].split() if found else [""]
        match verb:
            case ["serve"]:
                self._is_resident = True
                self._take = self._take_lines
                self._say(f"slipway-shell {self._machine.number + 10}\n")
            case ["receive", service, sha256, size, *_]:
                self._receive(service, sha256, int(size))
            case ["chain"]:
                self._take = self._take_lines
                self._verb = verb
            case _:  # output: what there is comes with the result
                self._channel.exit(0)

    def data_received(self, data: bytes, datatype: int | None) -> None:
        self._take(data)

    def eof_received(self) -> bool:
        return not self._is_resident

    # --- packages ----------------------------------------------------------------------------

    def _receive(self, service: str, sha256: str, size: int) -> None:
        if self._machine.has_package(service, sha256):
            self._say(f"{HELLO}have\n")
            self._channel.exit(0)
            return
        left, digest = size, hashlib.sha256()

        def take(data: bytes) -> None:
            nonlocal left
            digest.update(data)
            left -= len(data)
            if left <= 0:
                is_whole = digest.hexdigest() == sha256
                self._machine.receive(sha256)
                self._say("received\n" if is_whole else "refused damaged it is not whole\n")
                self._channel.exit(0)

        self._take = take
        self._say(f"{HELLO}send\n")

    # --- requests ----------------------------------------------------------------------------

    def _take_lines(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take_line(line.decode())

    def _take_line(self, line: str) -> None:
        if not self._verb:
            self._verb = line.split()
            if self._verb[0] in ("look", "chain", "forget"):
                return  # its request follows
        elif line != "end":
            self._lines.append(line)
            return
        verb, lines = self._verb, self._lines
        self._verb, self._lines = [], []
        self._answer(verb, lines)

    def _answer(self, verb: list[str], lines: list[str]) -> None:
        match verb:
            case ["chain"]:
                self._begin(read_chain(lines))
                return
            case ["facts"]:
                said = FACTS
            case ["look" | "observe", service]:
                said = self._machine.look(service, lines)
            case ["observe", *services]:
                said = self._machine.survey(services)
            case ["forget"]:
                self._machine.forget(lines)
                said = ""
            case _:
                said = ""
        self._say(HELLO + said)
        self._end()

    def _begin(self, chain: Chain) -> None:
        machine, loop = self._machine, asyncio.get_running_loop()
        if late := machine.begin(chain):
            self._say(HELLO + late)
            self._end()
            return
        first, now = chain.steps[0].ticket, loop.time()
        if machine.is_over(chain):
            self._say(f"{HELLO}again\n")
        else:
            self._say(HELLO)
            machine.ends.setdefault(first, now + self._town.delay(machine))
        left = max(machine.ends.get(first, now) - now, 0.0)
        pauses = sum(step.is_slow for step in chain.steps) or 1
        self._tell(first, machine.story(chain), left / pauses)

    def _tell(self, first: str, story: Iterator[str], pause: float) -> None:
        text = next(story)
        self._say(text)
        if text.endswith("end\n"):
            self._machine.ends.pop(first, None)
            self._end()
        else:
            asyncio.get_running_loop().call_later(pause, self._tell, first, story, pause)

    # --- answers -----------------------------------------------------------------------------

    def _say(self, text: str) -> None:
        if not self._channel.is_closing():
            self._channel.write(text.encode())

    def _end(self) -> None:
        if self._is_resident:
            self._say(SERVED)
        elif not self._channel.is_closing():
            self._channel.exit(0)


async def listen(port: int, running: str) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    town = Town(running)
    server = await asyncssh.listen(
        "0.0.0.0",
        port,
        config=[],
        server_host_keys=[key],
        server_factory=lambda: Door(town),
        encoding=None,
        backlog=2048,
        compression_algs=None,
    )
    print(key.export_public_key().decode().strip(), flush=True)
    await town.hear()
    server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--running", default="")
    options = parser.parse_args()
    asyncio.run(listen(options.port, options.running))

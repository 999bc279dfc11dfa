"""A host that is reached by real SSH and has nothing behind it: it keeps the words of the host
program, until it is told to lie."""

import asyncio
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import asyncssh

HELLO, SERVED = b"slipway\n", b"served 0\n"
BOOT = b"boot 3f-1\n"
SPACE = b"space 9000000000 900000 1\n"
FACTS = b"os Debian\narch x86_64\ncpus 2\nmemory 2000000000\nspace 9000000000 900000 9900000000\n"
FACTS += b"writable 1\nsystemd 1\nroot 1\ntool tar\ntool gzip\nend\n"
STEPS_THAT_START = ("restart", "start")

Words = list[tuple[str, str]]
Lie = Callable[[bytes, Words], bytes]  # the truth, and what was asked, into what is said
_shells = itertools.count(1000)


@dataclass
class Hostile:
    """What is true there, and by which lie each verb is answered: look, chain, receive…"""

    lies: dict[str, Lie] = field(default_factory=dict)
    link: str = ""
    running: str = ""
    fingerprint: str = "-"
    started_with: str = "-"
    pid: int = 4711
    fence: tuple[str, str, str] = ("0", "0", "-")
    releases: dict[str, str] = field(default_factory=dict)
    results: dict[str, int] = field(default_factory=dict)

    def answer(self, verb: str, asked: Words) -> bytes:
        truth = self._truth(verb, asked)
        lie = self.lies.get(verb)
        return lie(truth, asked) if lie else truth

    def _truth(self, verb: str, asked: Words) -> bytes:
        match verb:
            case "facts":
                return HELLO + FACTS + SERVED
            case "look" | "observe":
                return HELLO + self._look(asked) + b"end\n" + SERVED
            case "chain":
                return HELLO + self._chain(asked) + b"end\n" + SERVED
            case _:
                return HELLO + SERVED

    # --- questions ---------------------------------------------------------------------------

    def _look(self, asked: Words) -> bytes:
        said = dict(asked)
        instance = said.get("asked", "8080")
        if "epoch" in said:
            self._hear(said)
        found = self._instance(instance) if self.link else b""
        for version, sha256 in self.releases.items():
            found += f"release {version} {sha256}\n".encode()
        if self.link and "checked" in said:
            found += f"healthy {instance} 1 \n".encode()
        tickets = [ticket for key, ticket in asked if key == "ticket"]
        for ticket in (ticket for ticket in tickets if ticket in self.results):
            found += f"report {instance} {ticket} done {self.results[ticket]}\n".encode()
        return BOOT + found + SPACE

    def _instance(self, instance: str) -> bytes:
        runs = f"{self.pid} 77 active 1" if self.running else "- - inactive 1"
        release = f"{self.link or '-'} {self.running or '-'} {self.fingerprint} {self.started_with}"
        return f"instance {instance} {' '.join(self.fence)} {runs} {release} 0 -\n".encode()

    def _hear(self, said: dict[str, str]) -> None:
        self.fence = (said["epoch"], said["sequence"], said.get("installation", "-"))

    # --- chains ------------------------------------------------------------------------------

    def _chain(self, asked: Words) -> bytes:
        told = b""
        for ticket, step in _tickets(asked):
            if ticket not in self.results:
                self._carry_out(step)
                self.results[ticket] = 0
            told += f"begin {ticket} {self.pid}\n".encode()
            told += f"result {ticket} 0 1000 2000 0 0 0\n\n".encode()
        said = dict(asked)
        self._hear(said)
        instance = said["instance"]
        return told + BOOT + self._instance(instance) + f"healthy {instance} 1 \n".encode()

    def _carry_out(self, step: dict[str, str]) -> None:
        match step["step"]:
            case "unpack":
                self.releases[step["version"]] = step["sha256"]
            case "switch":
                self.link, self.fingerprint = step["version"], step.get("fingerprint", "-")
            case name if name in STEPS_THAT_START:
                self.running, self.started_with = self.link, self.fingerprint
                self.pid += 1


def _tickets(asked: Words) -> Iterator[tuple[str, dict[str, str]]]:
    ticket, step = "", dict[str, str]()
    for key, value in asked:
        if key == "ticket":
            ticket, step = value, {}
        elif key == "run":
            yield ticket, step
        elif ticket:
            step[key] = value


# --- SSH -----------------------------------------------------------------------------------------


class _AnyKey(asyncssh.SSHServer):
    """Whoever has a key may come in: nothing of value is here."""

    def __init__(self, connections: list[asyncssh.SSHServerConnection]) -> None:
        self._connections = connections

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connections.append(conn)

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return True


async def _serve(host: Hostile, process: "asyncssh.SSHServerProcess[bytes]") -> None:
    words = (process.command or "").replace("'", " ").replace(";", " ").split()
    try:
        if "serve" in words:
            await _be_resident(host, process)
        elif "chain" in words:
            process.stdout.write(host.answer("chain", await _read_asked(process)))
        elif "receive" in words:
            lie = host.lies.get("receive")
            process.stdout.write(b"slipway\n" + (lie(b"have\n", []) if lie else b"have\n"))
        else:
            process.stdout.write(b"looked\n")
        await process.stdout.drain()
        process.exit(0)
    except (asyncssh.Error, OSError):
        pass  # whoever has asked has heard enough


async def _be_resident(host: Hostile, process: "asyncssh.SSHServerProcess[bytes]") -> None:
    process.stdout.write(f"slipway-shell {next(_shells)}\n".encode())
    while line := await process.stdin.readline():
        verb = line.decode().split()[0]
        asked = await _read_asked(process) if verb in ("look", "chain", "forget") else []
        answer = host.answer(verb, asked)
        process.stdout.write(answer)
        await process.stdout.drain()
        if not answer:
            return  # it hangs up


async def _read_asked(process: "asyncssh.SSHServerProcess[bytes]") -> Words:
    asked: Words = []
    while line := (await process.stdin.readline()).decode().rstrip("\n"):
        if line == "end":
            break
        key, _, value = line.partition(" ")
        asked.append((key, value))
    return asked


@dataclass(frozen=True)
class Address:
    port: int
    host_key: str


@contextmanager
def listening(hosts: list[Hostile]) -> Iterator[list[Address]]:
    """Have each of them listen on a port of the loopback, beside whoever asks them."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="hostile-hosts", daemon=True)
    thread.start()
    key = asyncssh.generate_private_key("ssh-ed25519")
    connections: list[asyncssh.SSHServerConnection] = []

    async def open_all() -> list[asyncssh.SSHAcceptor]:
        return [
            await asyncssh.listen(
                "127.0.0.1",
                0,
                config=[],
                server_host_keys=[key],
                server_factory=lambda: _AnyKey(connections),
                process_factory=partial(_serve, host),
                encoding=None,
                compression_algs=None,
            )
            for host in hosts
        ]

    async def close_all(servers: list[asyncssh.SSHAcceptor]) -> None:
        for server in servers:
            server.close()
        for connection in connections:
            connection.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    servers = asyncio.run_coroutine_threadsafe(open_all(), loop).result(30)
    public = key.export_public_key().decode().strip()
    try:
        yield [Address(server.get_port(), public) for server in servers]
    finally:
        asyncio.run_coroutine_threadsafe(close_all(servers), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()

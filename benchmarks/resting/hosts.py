"""Emulates many SSH hosts in one process: real SSH on an address each, and no shell behind it.

`python -m benchmarks.resting.hosts PORT` prints its host key and listens on all of 127.0.0.0/8
until its standard input closes.
"""

import asyncio
import itertools
import sys

import asyncssh

FACTS = (
    "slipway\nos Debian\narch x86_64\ncpus 2\nmemory 2000000000\n"
    "space 9000000000 900000 9900000000\nwritable 1\nsystemd 0\nroot 1\ntool tar\n"
)
SEEN = (
    "slipway\ninstance main 1 4711 - 1.0 1.0\nrelease 1.0 {sha}\nspace 9000000000 900000 1\nend\n"
)
_numbers = itertools.count(1000)


class AnyKey(asyncssh.SSHServer):
    """Whoever has a key may come in: nothing of value is here."""

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return True


async def serve(process: "asyncssh.SSHServerProcess[str]") -> None:
    """Be a resident shell of the host program."""
    process.stdout.write(f"slipway-shell {next(_numbers)}\n")
    async for line in process.stdin:
        verb = line.split(" ")[0].strip()
        process.stdout.write(
            (FACTS if verb == "facts" else SEEN.format(sha="0" * 64)) + "served 0\n"
        )
    process.exit(0)


async def listen(port: int) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.listen(
        "0.0.0.0",
        port,
        config=[],
        server_host_keys=[key],
        server_factory=AnyKey,
        process_factory=serve,
        backlog=2048,
        compression_algs=None,
    )
    print(key.export_public_key().decode().strip(), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(listen(int(sys.argv[1])))

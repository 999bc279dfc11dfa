"""Local SSH hosts for demo and tests: real SSH, real shells, each with a root folder of its own.

As a process: `python -m slipway_demo.hosts --folder DIR --count 3` prints one line of JSON
when all of them listen, and ends when its standard input closes or on SIGTERM.
"""

import argparse
import asyncio
import getpass
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import asyncssh

from slipway.core.hosts.access import HostAccess
from slipway_demo.shells import Shells

ADDRESS = "127.0.0.1"
# On Linux every 127.x.y.z is loopback: with an address each, hosts can share port numbers.
OWN_ADDRESS = "127.77.0.{number}"


@dataclass(frozen=True, slots=True)
class LocalHost:
    name: str
    address: str
    port: int
    user: str
    root: str
    host_key: str
    private_key: str = field(repr=False)

    def access(self) -> HostAccess:
        return HostAccess(
            name=self.name,
            address=self.address,
            port=self.port,
            user=self.user,
            root=self.root,
            become="none",
            private_key=self.private_key,
            host_key=self.host_key,
        )


@asynccontextmanager
async def local_hosts(
    folder: Path,
    count: int = 1,
    *,
    base_port: int = 0,
    names: str = "local",
    own_addresses: bool = False,
    first: int = 1,
) -> AsyncIterator[tuple[LocalHost, ...]]:
    """Run hosts `local-1`… until the block is left; keys are kept in `folder`."""
    async with AsyncExitStack() as stack:
        hosts = [
            await stack.enter_async_context(
                local_host(
                    folder,
                    f"{names}-{number}",
                    address=OWN_ADDRESS.format(number=number) if own_addresses else ADDRESS,
                    port=base_port + number - first if base_port else 0,
                )
            )
            for number in range(first, first + count)
        ]
        yield tuple(hosts)


@asynccontextmanager
async def local_host(
    folder: Path, name: str, *, address: str = ADDRESS, port: int = 0
) -> AsyncIterator[LocalHost]:
    """Run one host; port 0 takes a free one."""
    root = folder / name / "root"
    root.mkdir(parents=True, exist_ok=True)
    client = _key(folder / "client_key")
    host_key = _key(folder / name / "host_key")
    shells = Shells(folder / name)
    server = await asyncssh.listen(
        address,
        port,
        config=[],
        server_host_keys=[host_key],
        server_factory=lambda: _Guard(client),
        process_factory=shells.serve,
        encoding=None,
        allow_pty=False,
        agent_forwarding=False,
        compression_algs=None,
        keepalive_interval=15,
    )
    try:
        yield LocalHost(
            name=name,
            address=address,
            port=server.get_port(),
            user=getpass.getuser(),
            root=str(root),
            host_key=host_key.export_public_key().decode().strip(),
            private_key=client.export_private_key().decode(),
        )
    finally:
        server.close()
        await server.wait_closed()
        await shells.close()


class _Guard(asyncssh.SSHServer):
    """Lets in whoever has the client key."""

    def __init__(self, client: asyncssh.SSHKey) -> None:
        self._public = client.public_data

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return key.public_data == self._public


def _key(path: Path) -> asyncssh.SSHKey:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        key = asyncssh.generate_private_key("ssh-ed25519")
        path.touch(mode=0o600)
        path.write_bytes(key.export_private_key())
    return asyncssh.import_private_key(path.read_bytes())


async def _until_told(asked: argparse.Namespace) -> None:
    folder: Path = asked.folder.resolve()
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    loop.add_signal_handler(signal.SIGINT, over.set)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with local_hosts(
        folder,
        asked.count,
        base_port=asked.base_port,
        names=asked.names,
        own_addresses=asked.own_addresses,
        first=asked.first,
    ) as hosts:
        told = [
            {key: text for key, text in asdict(host).items() if key != "private_key"}
            for host in hosts
        ]
        print(
            json.dumps({"hosts": told, "private_key_file": str(folder / "client_key")}), flush=True
        )
        closed = asyncio.create_task(reader.read())
        waiting = asyncio.create_task(over.wait())
        await asyncio.wait({closed, waiting}, return_when=asyncio.FIRST_COMPLETED)
        closed.cancel()
        waiting.cancel()


def main() -> None:
    parser = argparse.ArgumentParser(description="Local SSH hosts, each with a folder of its own.")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--count", type=int, default=3)
    parser.add_argument("--first", type=int, default=1, help="number of the first host")
    parser.add_argument("--base-port", type=int, default=0)
    parser.add_argument("--names", default="local")
    parser.add_argument("--own-addresses", action="store_true", help="127.77.0.1, .2 …")
    asyncio.run(_until_told(parser.parse_args()))


if __name__ == "__main__":
    main()

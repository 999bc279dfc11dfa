"""The shells of a local SSH host: real processes, which outlive the connection they came by."""

import asyncio
import getpass
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

PIECE = 64 * 1024  # bytes
# What our own shell has and a host must not get by accident stays out; these go in.
KEPT_VARIABLES = ("PATH", "LANG", "TZ")


class Shells:
    """Runs what is asked for by `sh -c`, as sshd does: a lost connection kills nothing."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._running: set[asyncio.Task[None]] = set()

    async def serve(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        task = asyncio.create_task(self._carry(process))
        self._running.add(task)  # a task that nobody holds may vanish
        task.add_done_callback(self._running.discard)

    async def close(self) -> None:
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _carry(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        """Copy both ways until the shell ends or nobody listens any more."""
        async with _ending_pipe() as output, _ending_pipe() as errors:
            shell = await self._start(process.command or "exit 0", output, errors)
            copying = [
                asyncio.create_task(_feed(process.stdin, shell.stdin)),
                asyncio.create_task(_tell(output.reader, process.stdout)),
                asyncio.create_task(_tell(errors.reader, process.stderr)),
            ]
            ended = asyncio.create_task(shell.wait())
            left = asyncio.create_task(process.wait_closed())
            try:
                await asyncio.wait({ended, left}, return_when=asyncio.FIRST_COMPLETED)
                if ended.done():
                    # A child may have kept the output open; it is not waited for for ever.
                    await asyncio.wait(copying[1:], timeout=5)
                    process.exit(ended.result() if ended.result() >= 0 else 255)
                output.close()
                errors.close()
                if shell.stdin is not None:
                    shell.stdin.close()
                await ended
            finally:
                for task in (*copying, ended, left):
                    task.cancel()
                await asyncio.gather(*copying, ended, left, return_exceptions=True)
                if shell.returncode is None:
                    shell.kill()  # the host itself is shut down
                    await shell.wait()

    async def _start(
        self, command: str, output: "_Pipe", errors: "_Pipe"
    ) -> asyncio.subprocess.Process:
        shell = await asyncio.create_subprocess_exec(
            "/bin/sh",
            "-c",
            command,
            stdin=asyncio.subprocess.PIPE,
            stdout=output.write_end,
            stderr=errors.write_end,
            cwd=self._home,
            env=self._environment(),
            start_new_session=True,
        )
        output.started()
        errors.started()
        return shell

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        own = {"HOME": str(self._home), "USER": getpass.getuser(), "SHELL": "/bin/sh"}
        # The systemd of this machine is none of a host that is but a folder on it.
        return {**kept, **own, "SLIPWAY_FOLDER_HOST": "1"}


@dataclass(eq=False, slots=True)
class _Pipe:
    """A pipe whose reading end we can close, so that a writer learns that nobody listens."""

    reader: asyncio.StreamReader
    transport: asyncio.ReadTransport
    write_end: int

    def started(self) -> None:
        os.close(self.write_end)
        self.write_end = -1

    def close(self) -> None:
        self.transport.close()
        if self.write_end >= 0:
            self.started()


@asynccontextmanager
async def _ending_pipe() -> AsyncIterator[_Pipe]:
    read_end, write_end = os.pipe()
    reader = asyncio.StreamReader(limit=PIECE)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read_end, "rb", 0)
    )
    pipe = _Pipe(reader, transport, write_end)
    try:
        yield pipe
    finally:
        pipe.close()


async def _feed(source: "asyncssh.SSHReader[bytes]", target: asyncio.StreamWriter | None) -> None:
    assert target is not None
    try:
        while piece := await source.read(PIECE):
            target.write(piece)
            await target.drain()
    except (asyncssh.Error, OSError):
        pass  # the connection is lost, or the shell has stopped reading
    finally:
        target.close()


async def _tell(source: asyncio.StreamReader, target: "asyncssh.SSHWriter[bytes]") -> None:
    try:
        while piece := await source.read(PIECE):
            target.write(piece)
            await target.drain()
    except (asyncssh.Error, OSError):
        pass  # nobody listens

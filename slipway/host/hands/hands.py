"""The hands of a resident shell: does in one process what would cost the shell one each time.

A request is a line on standard input: ID, VERB, WORD…, a tab between them. The answer is a line
`ID ok WORD…` or `ID no`. It ends with the shell that started it and all forks of that, when no
script runs. It runs by what Python a host has, from 3.6 on; without it the shell starts programs.
"""

import _thread
import os
import select
import time
from collections.abc import Callable
from contextlib import suppress

from slipway.host.hands.asking import ask
from slipway.host.hands.bodies import (
    PIECE,
    Body,
    Output,
    begin,
    decoded,
    discard,
    leave,
    tell,
    wake_at_ends,
)
from slipway.host.hands.folders import open_to_others, rights, unchanged
from slipway.host.hands.processes import marked
from slipway.host.hands.sockets import held, holders

TICK = 1000  # milliseconds between two looks at a script that runs


class Hands:
    def __init__(self) -> None:
        self.verbs: dict[str, Callable[..., list[bytes] | None]] = {
            "pump": self.pump,
            "drain": self.drain,
            "start": self.start,
            "finish": self.finish,
            **VERBS,
        }
        self.outputs: dict[int, Output] = {}  # by pipe; the last is of the script that runs
        self.bodies: dict[bytes, Body] = {}  # by pid, until somebody has heard how they ended
        self.abandoned: list[int] = []  # pipes that daemons keep: read, so that none waits
        self.poll = select.poll()
        self.ends = wake_at_ends()
        self.number = b""  # of the request that is answered now

    def pump(self, shell: bytes, log: bytes) -> None:
        """Read descriptor 8 of a shell, and keep what comes."""
        self.listen(os.open(b"/proc/%s/fd/8" % shell, os.O_RDONLY), log)

    def listen(self, pipe: int, log: bytes) -> None:
        self.outputs[pipe] = Output(pipe, log)
        self.poll.register(pipe, select.POLLIN)

    def drain(self) -> None:
        pipe, output = self.outputs.popitem()
        self.close(pipe, output)

    def close(self, pipe: int, output: Output) -> None:
        if not output.is_over:
            self.poll.unregister(pipe)
        output.drain()
        if output.is_over:
            os.close(pipe)
            return
        os.set_blocking(pipe, True)
        self.abandoned.append(pipe)
        _thread.start_new_thread(discard, (pipe,))

    def start(self, folder: bytes, log: bytes, milliseconds: bytes, *lines: bytes) -> "list[bytes]":
        """Start a script: lines `:WORD`, and `NAME VALUE` for its environment. Returns its pid."""
        words = []
        environment = dict(os.environb)
        environment.pop(b"LC_ALL", None)
        for line in lines:
            name, _, value = line.partition(b" ")
            if line.startswith(b":"):
                words.append(decoded(line[1:]))
            else:
                environment[name] = decoded(value)
        child, pipe = begin(words, os.path.realpath(folder), environment)
        self.listen(pipe, log)
        pid = b"%d" % child.pid
        self.bodies[pid] = Body(child, pipe, time.monotonic() + int(milliseconds) / 1000)
        return [pid]

    def finish(self, pid: bytes) -> "list[bytes] | None":
        """Say how a script ended, when it has; all that it printed is in its log then."""
        body = self.bodies[pid]
        body.asked = self.number
        self.look_after(body)
        return None

    def look_after(self, body: Body) -> None:
        if body.child.poll() is None:
            body.hurry(time.monotonic())
        elif body.asked:
            del self.bodies[b"%d" % body.child.pid]
            self.close(body.pipe, self.outputs.pop(body.pipe))
            tell(b"%s ok %d\n" % (body.asked, body.code()))

    def serve(self) -> None:
        asked = b""
        self.poll.register(0, select.POLLIN)
        self.poll.register(self.ends, select.POLLIN)
        is_asked = True
        while is_asked or self.has_running():
            for ready, _ in self.poll.poll(TICK if self.has_running() else None):
                if ready != 0:
                    self.attend(ready)
                    continue
                piece = os.read(0, PIECE)
                if not piece:
                    self.poll.unregister(0)
                    is_asked = False
                *lines, asked = (asked + piece).split(b"\n")
                for line in lines:
                    self.answer(*line.split(b"\t"))
            for body in list(self.bodies.values()):
                self.look_after(body)
        leave([*self.abandoned, *self.outputs])

    def attend(self, pipe: int) -> None:
        if pipe == self.ends:  # which script it was is looked for at each turn
            os.read(pipe, PIECE)
        elif pipe in self.outputs:
            self.outputs[pipe].take()
            if self.outputs[pipe].is_over:
                self.poll.unregister(pipe)

    def has_running(self) -> bool:
        return any(body.child.poll() is None for body in self.bodies.values())

    def answer(self, number: bytes, verb: bytes = b"", *words: bytes) -> None:
        self.number = number
        try:
            said = self.verbs[verb.decode()](*words)
        except (OSError, LookupError, ValueError, TypeError):
            tell(b"%s no\n" % number)
            return
        if verb != b"finish":
            tell(b"%s %s\n" % (number, b" ".join([b"ok", *(said or ())])))


def link(target: bytes, path: bytes) -> None:
    """Make a symbolic link, in the place of another one."""
    try:
        os.symlink(target, path)
    except FileExistsError:
        os.unlink(path)
        os.symlink(target, path)


def rename(*paths: bytes) -> None:
    """FROM TO FROM TO…"""
    for old, new in zip(paths[::2], paths[1::2]):
        os.replace(old, new)


def drop(*paths: bytes) -> None:
    """Remove files, where they are there."""
    for path in paths:
        with suppress(FileNotFoundError):
            os.unlink(path)


def sync(path: bytes) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def forget(folder: bytes, *tickets: bytes) -> None:
    """Remove the files TICKET.* there."""
    for name in os.listdir(folder):
        if name.partition(b".")[0] in tickets:
            os.unlink(os.path.join(folder, name))


def space(folder: bytes) -> "list[bytes]":
    """Return bytes free, inodes free, bytes in all; a file system may count no inodes."""
    found = os.statvfs(folder)
    inodes = found.f_ffree if found.f_files else 1000000
    numbers = found.f_bavail * found.f_frsize, inodes, found.f_blocks * found.f_frsize
    return [b"%d" % number for number in numbers]


def pause(milliseconds: bytes) -> None:
    time.sleep(int(milliseconds) / 1000)


VERBS: "dict[str, Callable[..., list[bytes] | None]]" = {
    verb.__name__: verb
    for verb in (
        ask,
        drop,
        forget,
        held,
        holders,
        link,
        marked,
        open_to_others,
        pause,
        rename,
        rights,
        space,
        sync,
        unchanged,
    )
}

if __name__ == "__main__":
    os.write(1, b"hands\n")
    Hands().serve()

"""The log of a build by command: its beginning as it comes, and its end when it is over."""

import codecs
import os
from collections import deque
from pathlib import Path
from typing import BinaryIO

from slipway.core.builds.seen import LogPiece
from slipway.ports.builds import ServerRefused

MIB = 1024**2
HALF = 8 * MIB  # bytes of the beginning, and of the end, that are kept
PIECE = 256 * 1024


class LogWriter:
    """Only ever appends, so that a position in the file stays what it was."""

    def __init__(self, path: Path, half: int = HALF) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._file: BinaryIO = os.fdopen(descriptor, "ab", buffering=0)
        self._half = half
        self._room = half
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._left_out = 0
        self._at_line_start = True

    def write(self, data: bytes) -> None:
        now, later = data[: self._room], data[self._room :]
        if now:
            self._put(now)
            self._room -= len(now)
        if later:
            if not self._tail_size and not self._left_out:
                limit = self._half // 1024
                self._note(f"more than {limit} KiB; the end follows when it is over")
            self._keep(later)

    def say(self, sentence: str) -> None:
        """A line of ours, between those of the command."""
        line = f"[slipway] {sentence}\n".encode()
        self.write(line if self._at_line_start or self._tail_size else b"\n" + line)

    def finish(self) -> None:
        if self._left_out:
            self._note(f"{self._left_out} bytes left out")
        while self._tail:
            self._put(self._tail.popleft())
        self._file.close()

    def _note(self, text: str) -> None:
        mark = b"" if self._at_line_start else b"\n"
        self._put(mark + f"[slipway] … {text} …\n".encode())

    def _put(self, data: bytes) -> None:
        self._at_line_start = data.endswith(b"\n")
        while data:
            data = data[self._file.write(data) :]

    def _keep(self, data: bytes) -> None:
        self._tail.append(data)
        self._tail_size += len(data)
        while self._tail_size - len(self._tail[0]) >= self._half:
            gone = len(self._tail.popleft())
            self._tail_size -= gone
            self._left_out += gone


def read_piece(path: Path, position: str, *, over: bool) -> LogPiece:
    """Return what was written since `position`, at most 256 KiB. A letter that is not whole yet
    is left for the next call, except at the end of a build that is `over`."""
    try:
        start = max(0, int(position or "0"))
    except ValueError as error:
        raise ServerRefused("{given} is no position in a log.", given=position[:40]) from error
    try:
        with path.open("rb") as file:
            file.seek(start)
            data = file.read(PIECE)
            ends = not file.read(1)
    except FileNotFoundError:
        return LogPiece("", position)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text = decoder.decode(data, final=over and ends)
    waiting = len(decoder.getstate()[0])
    return LogPiece(text.replace("\0", ""), str(start + len(data) - waiting))

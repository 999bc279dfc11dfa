"""A stream of pieces read as records, with an end to how much it may say."""

from collections.abc import Iterator

from slipway.core.release.archive import MIB, ArchiveRefused


class CutOff(Exception):
    """The stream ended before what was asked for."""


class RecordStream:
    """Reads exact lengths from pieces of any length. Holds one piece at a time.

    Raises CutOff at a premature end, ArchiveRefused when more than `limit` bytes come.
    """

    def __init__(self, pieces: Iterator[bytes], *, limit: int) -> None:
        self._pieces = pieces
        self._piece = b""
        self._at = 0
        self._left = limit
        self._limit = limit

    def read(self, length: int) -> bytes:
        """The next `length` bytes; b"" at the end of the stream."""
        taken = self._take(length)
        if len(taken) == length or not taken:
            return taken
        parts, missing = [taken], length - len(taken)
        while missing:
            taken = self._take(missing)
            if not taken:
                raise CutOff
            parts.append(taken)
            missing -= len(taken)
        return b"".join(parts)

    def skip(self, length: int) -> None:
        while length:
            step = min(length, len(self._piece) - self._at)
            self._at += step
            length -= step
            if length and not self._next_piece():
                raise CutOff

    def pieces(self, length: int) -> Iterator[bytes]:
        """The next `length` bytes, as they come."""
        while length:
            taken = self._take(length)
            if not taken:
                raise CutOff
            length -= len(taken)
            yield taken

    def rest(self) -> Iterator[bytes]:
        """All that is left, piece by piece."""
        while self._at < len(self._piece) or self._next_piece():
            yield self._take(len(self._piece))

    def _take(self, length: int) -> bytes:
        if self._at >= len(self._piece) and not self._next_piece():
            return b""
        taken = self._piece[self._at : self._at + length]
        self._at += len(taken)
        return taken

    def _next_piece(self) -> bool:
        self._piece, self._at = b"", 0
        for piece in self._pieces:
            self._left -= len(piece)
            if self._left < 0:
                raise ArchiveRefused(
                    "The archive unpacks to more than {limit} MiB, the most that is allowed for its"
                    " size.",
                    hint="Leave out what the service does not need.",
                    limit=self._limit // MIB,
                )
            if piece:
                self._piece = piece
                return True
        return False

"""Reads what a build prints, piece by piece, as Jenkins' own page does."""

import re
import zlib
from collections.abc import Iterable

from slipway.adapters.builds.jenkins.talk import Talk
from slipway.core.builds.seen import LogPiece
from slipway.core.words.sentence import Sentence
from slipway.ports.builds import ServerTrouble

MOST = 256 * 1024  # bytes of a piece
_LONGEST = 4 * 1024**3  # bytes of an answer, most of which may be passed over
_POSITION = re.compile(r"([0-9]{1,18})(?:\+([0-9]{1,18}))?")


def waiting_piece(says: Sentence | None, position: str) -> LogPiece:
    """Say why it waits; again only when the reason is another one, not when only seconds are."""
    why = str(says or "")
    reason = zlib.crc32(re.sub(r"[0-9]+(\.[0-9]+)?\s*\w*", "", why).encode())
    now = f"queue:{reason:08x}"
    return LogPiece("" if now == position or not why else f"In Jenkins' queue: {why}\n", now)


def read_log(talk: Talk, path: str, position: str) -> LogPiece:
    """Return the log of the build at `path` from `position` on. Raises NoSuchPage.

    Jenkins counts places in its file, but leaves out what it hides there, and ends lines with CR
    LF: how far the file goes is known only for whole answers. So a position is the place that was
    asked from, and how much of that answer was taken ("0+262144").
    """
    found = _POSITION.fullmatch(position)
    start, skip = (int(found[1]), int(found[2] or 0)) if found else (0, 0)
    params = {"start": str(start)}
    with talk.stream(path, "logText/progressiveText", _LONGEST, params) as response:
        talk.check(response)
        size = response.headers.get("X-Text-Size", "")
        if not (size.isascii() and size.isdecimal()):
            raise ServerTrouble(
                "{server} answered the question for a log with something else.",
                hint="Is its address that of Jenkins itself? A proxy or a login page may stand in "
                "front of it.",
                server=talk.access.name,
            )
        taken = _take(response.iter_bytes(), skip)
    if len(taken) <= MOST:
        return LogPiece(_text(taken), size)
    piece = taken[: _last_whole(taken[:MOST])]
    return LogPiece(_text(piece), f"{start}+{skip + len(piece)}")


def _take(chunks: Iterable[bytes], skip: int) -> bytes:
    """Return what comes after `skip` bytes; of more than a piece, enough to see that it is more."""
    taken = bytearray()
    for chunk in chunks:
        taken += chunk[skip:]
        skip = max(0, skip - len(chunk))
        if len(taken) > MOST:
            break
    return bytes(taken)


def _last_whole(data: bytes) -> int:
    """Return where the last whole line ends, or else the last whole character."""
    if end := data.rfind(b"\n") + 1:
        return end
    end = len(data)
    while end and data[end - 1] & 0xC0 == 0x80:
        end -= 1
    return end - 1 if end and data[end - 1] & 0x80 else len(data)


def _text(data: bytes) -> str:
    text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")  # no database takes it

"""The log of a pipeline: what its jobs print, one after the other, each under its name."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from slipway.adapters.builds.gitlab.answers import PipelineJob
from slipway.adapters.builds.gitlab.api import GitLabApi, NotThere, path
from slipway.core.builds.seen import LogPiece

MOST = 256 * 1024  # bytes of one call
_HEADER_ROOM = 1024


@dataclass(slots=True)
class _Position:
    """How far each job was read (bytes), which are read to their end, whose name was last printed,
    and whether what followed it ended inside a line."""

    offsets: dict[int, int] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    under: int = 0
    inside_line: bool = False

    @classmethod
    def parse(cls, text: str) -> "_Position":
        """A position that is none begins anew: a log twice is better than none."""
        try:
            data: Any = json.loads(text) if text else {}
            offsets = {int(job): max(int(offset), 0) for job, offset in data.get("at", {}).items()}
            done = set(map(int, data.get("done", [])))
            return cls(offsets, done, int(data.get("under", 0)), bool(data.get("inside")))
        except (ValueError, TypeError, AttributeError):
            return cls()

    def __str__(self) -> str:
        at = {str(job): offset for job, offset in self.offsets.items() if job not in self.done}
        data: dict[str, object] = {"at": at, "done": sorted(self.done), "under": self.under}
        if self.inside_line:
            data["inside"] = 1
        return json.dumps(data, separators=(",", ":"))


def read_log(api: GitLabApi, project: str, jobs: Sequence[PipelineJob], position: str) -> LogPiece:
    """Return what the jobs (those of children, and tries before a retry, among them) printed since
    the position. GitLab has no way to ask for a part of a log: what was read is skipped as it
    comes."""
    at = _Position.parse(position)
    parts: list[str] = []
    room = MOST
    for job, header in _in_order(jobs):
        if job.id in at.done or room <= _HEADER_ROOM:
            continue
        offset = at.offsets.get(job.id, 0)
        # One byte more than there is room for tells whether this is the end.
        found = _read(api, project, job, offset, room - _HEADER_ROOM + 1)
        new = found[: room - _HEADER_ROOM]
        is_all = job.is_over and len(new) == len(found)
        new = new if is_all else _whole_characters(new)
        if new:
            if at.under != job.id:
                parts.append(("\n" if at.inside_line else "") + header)
                at.under = job.id
            parts.append(new.decode(errors="replace"))
            at.offsets[job.id] = offset + len(new)
            at.inside_line = not new.endswith(b"\n")
            room -= len(new) + len(header.encode())
        if is_all:
            at.done.add(job.id)
    return LogPiece("".join(parts), str(at))


def _in_order(jobs: Sequence[PipelineJob]) -> Iterator[tuple[PipelineJob, str]]:
    """The jobs that have begun, in the order of their beginning, each with its line."""
    tries: dict[str, int] = {}  # by title: jobs of two children may have one name
    begun = [job for job in jobs if job.started_at]
    for job in sorted(begun, key=lambda job: (job.started_at, job.id)):
        tries[job.title] = tries.get(job.title, 0) + 1
        again = f", try {tries[job.title]}" if tries[job.title] > 1 else ""
        yield job, f"=== {job.title[-200:]} ({job.stage[:200]}{again}) ===\n"


def _read(api: GitLabApi, project: str, job: PipelineJob, offset: int, most: int) -> bytes:
    try:
        chunks = api.download(path("projects", project, "jobs", job.id, "trace"))
    except NotThere:
        return b""  # erased, or not there yet
    found = bytearray()
    with closing(chunks):
        for chunk in chunks:
            skipped = min(offset, len(chunk))
            offset -= skipped
            found += chunk[skipped : skipped + most - len(found)]
            if len(found) == most:
                break
    return bytes(found)


def _whole_characters(data: bytes) -> bytes:
    """Without the beginning of a character at the end: the rest of it comes with the next piece."""
    for length in range(1, min(4, len(data) + 1)):
        byte = data[-length]
        if byte & 0xC0 != 0x80:  # not a continuation
            size = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
            return data[:-length] if size > length else data
    return data

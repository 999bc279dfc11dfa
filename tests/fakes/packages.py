"""A package store in memory, as strict about what it takes in as the real one."""

import hashlib
import io
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from slipway.adapters.packages.inspection import inspect
from slipway.adapters.packages.portable import needs_repacking, repack, repacked_filename
from slipway.core.release.packages import StoredPackage
from slipway.core.release.steps import PackageFormat, PackageRef
from slipway.ports import PackageDamaged, StoreFull


class MemoryPackages:
    """`folder` is where the files appear that ports.Packages must answer with."""

    def __init__(self, folder: Path, *, room: int = 1 << 40) -> None:
        self._folder = folder
        self._kept: dict[str, bytes] = {}
        self._touched: dict[str, float] = {}
        self.room = room

    def ingest(self, source: Iterator[bytes] | BinaryIO, *, filename: str) -> StoredPackage:
        data = b"".join(source)
        if len(data) > self.free_bytes():
            raise StoreFull("The package store has no room left.", hint="Free space.")
        sha256 = hashlib.sha256(data).hexdigest()
        looked_at = self._folder / "incoming"
        looked_at.write_bytes(data)
        try:
            found = inspect(looked_at, filename=filename)
        finally:
            looked_at.unlink()
        self._kept[sha256] = data
        self._touched[sha256] = time.time()
        ref = PackageRef(sha256, len(data), found.format, filename, found.unpacked_size)
        return StoredPackage(ref, f"{sha256[:2]}/{sha256}", found.spec_text, found.contents)

    def verified(self, ref: PackageRef) -> Path:
        data = self._kept.get(ref.sha256, b"")
        if hashlib.sha256(data).hexdigest() != ref.sha256:
            self._kept.pop(ref.sha256, None)
            raise PackageDamaged("{filename} is damaged.", hint="Upload.", filename=ref.filename)
        place = self._folder / ref.sha256
        if not place.exists():
            place.write_bytes(data)
        return place

    def portable(self, ref: PackageRef, *, tools: tuple[str, ...]) -> tuple[PackageRef, Path]:
        source = self.verified(ref)
        if not needs_repacking(ref.format, tools):
            return ref, source
        target = io.BytesIO()
        repack(source, ref.format, target)
        data = target.getvalue()
        sha256 = hashlib.sha256(data).hexdigest()
        place = self._folder / sha256
        place.write_bytes(data)
        name = repacked_filename(ref.filename)
        made = PackageRef(sha256, len(data), PackageFormat.TAR_GZ, name, ref.unpacked_size)
        return made, place

    def open(self, ref: PackageRef) -> Iterator[bytes]:
        return iter([self.verified(ref).read_bytes()])

    def remove(self, sha256: str, *, unless_touched_after: datetime | None = None) -> int:
        if unless_touched_after and self._touched_at(sha256) > unless_touched_after:
            return 0
        (self._folder / sha256).unlink(missing_ok=True)
        return len(self._kept.pop(sha256, b""))

    def list_untouched(self, since: datetime) -> Iterator[str]:
        return iter([sha256 for sha256 in self._kept if self._touched_at(sha256) <= since])

    def free_bytes(self) -> int:
        return self.room - sum(map(len, self._kept.values()))

    def _touched_at(self, sha256: str) -> datetime:
        return datetime.fromtimestamp(self._touched.get(sha256, 0.0), UTC)

    def damage(self, sha256: str) -> None:
        """Flip a bit of what is kept."""
        data = self._kept[sha256]
        self._kept[sha256] = bytes([data[0] ^ 1]) + data[1:]
        (self._folder / sha256).unlink(missing_ok=True)

"""Small real packages for the tests."""

import gzip
import io
import tarfile


def package(*, content: bytes = b"#!/bin/sh\n", spec: str = "run: ./bin/app\n") -> bytes:
    """Return a .tar.gz with bin/app and, unless "", a slipway.yaml; the same bytes each time."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for name, data in (("bin/app", content), ("slipway.yaml", spec.encode())):
            if data:
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = len(data), 0o755
                archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(raw.getvalue(), mtime=0)

"""A small package of the service that is released to emulated hosts."""

import io
import tarfile
from pathlib import Path

SERVICE = "service-0"
FILES = {
    "slipway.yaml": (
        "supervisor: script\n"
        "scripts: {start: ./start.sh, stop: ./stop.sh}\n"
        'health: {http: "http://${HOST}:${PORT}/", min_healthy_time: 0s, healthy_deadline: 2m}\n'
    ),
    "start.sh": "#!/bin/sh\n",
    "stop.sh": "#!/bin/sh\n",
}


def make_package(folder: Path, version: str) -> Path:
    path = folder / f"{SERVICE}-{version}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in {**FILES, "version": version}.items():
            data = text.encode()
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o755
            archive.addfile(info, io.BytesIO(data))
    return path

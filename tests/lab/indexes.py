"""The lab's stand-in for a package index: the libraries that are locked, as pip asks for them."""

import fcntl
import functools
import hashlib
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.debian import Quiet
from tests.lab.images import cache_folder

LOCK = Path(__file__).resolve().parents[2] / "requirements.lock"


@contextmanager
def package_index(address: str) -> Iterator[str]:
    """Serve it to the lab; yields what a pip.conf says to ask it and nobody else."""
    handler = functools.partial(Quiet, directory=str(get_index()))
    with http.server.ThreadingHTTPServer((address, 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            url = f"http://{address}:{server.server_port}/"
            yield f"[global]\nindex-url = {url}\ntrusted-host = {address}\n"
        finally:
            server.shutdown()


def get_index() -> Path:
    """Return a folder with one of each library in it; fetched on first use, by its hashes.

    Raises subprocess.CalledProcessError with pip's words when they cannot be fetched.
    """
    recipe = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
    folder = cache_folder() / f"index-{recipe}"
    with (cache_folder() / "index.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            new = folder.with_name(f"{folder.name}.{os.getpid()}")
            _download(new)
            for file in list(new.iterdir()):
                name = re.split(r"-[0-9]", file.name, maxsplit=1)[0]
                library = new / re.sub(r"[-_.]+", "-", name).lower()
                library.mkdir(exist_ok=True)
                shutil.move(file, library)
            new.rename(folder)
    return folder


def _download(folder: Path) -> None:
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check")
    what = ("--require-hashes", "--no-deps", "--requirement", str(LOCK))
    subprocess.run([*pip, "--dest", str(folder), *what], check=True, capture_output=True)

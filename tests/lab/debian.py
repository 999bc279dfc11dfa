"""The lab's stand-in for the internet: a Debian repository of what the documents install."""

import fcntl
import functools
import hashlib
import http.server
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.images import SUITE, cache_folder, get_base_image
from tests.lab.packages import MIRROR

# What the documents name, and what the .deb depends on; nothing of ours is among it.
WANTED = (
    *("python3", "python3-venv", "sqlite3", "ca-certificates", "curl", "jq", "openssl", "nginx"),
    "postgresql",
)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def debian_mirror(address: str) -> Iterator[str]:
    """Serve the repository to the lab; yields the line of sources.list that names it."""
    handler = functools.partial(Quiet, directory=str(get_repository()))
    with http.server.ThreadingHTTPServer((address, 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"deb [trusted=yes] http://{address}:{server.server_port}/ ./\n"
        finally:
            server.shutdown()


def get_repository() -> Path:
    """Return a flat repository; what is in it was fetched from Debian on first use.

    Raises subprocess.CalledProcessError with apt's words when it cannot be fetched.
    """
    recipe = hashlib.sha256(f"{get_base_image().name} {WANTED}".encode()).hexdigest()[:12]
    folder = cache_folder() / f"debian-{recipe}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "Packages").exists():
            _download(folder)
            debs = sorted(folder.glob("*.deb"))
            (folder / "Packages.new").write_text("\n".join(map(_paragraph, debs)))
            (folder / "Packages.new").rename(folder / "Packages")
    return folder


def _download(folder: Path) -> None:
    """Fetch what a bare lab host lacks, signatures checked, without touching our own lists."""
    state = folder / "apt"
    (state / "lists/partial").mkdir(parents=True, exist_ok=True)
    mirror = os.environ.get("SLIPWAY_LAB_MIRROR", MIRROR)
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    (state / "sources.list").write_text(f"deb [signed-by={keyring}] {mirror} {SUITE} main\n")
    options = [
        *("-o", f"Dir::State={state}", "-o", f"Dir::Cache={state}", "-o", "Dir::Etc::Parts=-"),
        *("-o", f"Dir::State::status={get_base_image() / 'var/lib/dpkg/status'}"),
        *("-o", f"Dir::Etc::SourceList={state / 'sources.list'}", "-o", "Dir::Etc::SourceParts=-"),
        *("-o", f"Dir::Cache::archives={folder}", "-o", "APT::Sandbox::User=root"),
    ]
    (folder / "partial").mkdir(exist_ok=True)
    for command in (["update"], ["install", "--yes", "--download-only", *WANTED]):
        subprocess.run(["apt-get", "-qq", *options, *command], check=True, capture_output=True)


def _paragraph(deb: Path) -> str:
    control = subprocess.run(
        ["dpkg-deb", "--field", str(deb)], check=True, capture_output=True, text=True
    ).stdout
    digest = hashlib.sha256(deb.read_bytes()).hexdigest()
    return f"{control}Filename: ./{deb.name}\nSize: {deb.stat().st_size}\nSHA256: {digest}\n"

"""The web process: UI and API. It reads and writes rows, and touches nothing else."""

import os
import tempfile
from importlib import import_module
from pathlib import Path

import django
import uvicorn
from django.conf import settings

from slipway.project.limits import files, memory
from slipway.project.limits.patience import PatientProtocol
from slipway.project.logs import configure


def run(*, host: str, port: int) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit status."""
    memory.give_back()
    files.raise_limit()
    # The address that `slipway up` prints is one that requests may name.
    named = os.environ.get("SLIPWAY_ALLOWED_HOSTS", "")
    os.environ["SLIPWAY_ALLOWED_HOSTS"] = f"{named} {in_url(host)}"
    _prepare()
    tempfile.tempdir = str(_incoming())
    config = uvicorn.Config(
        "slipway.project.asgi:application",
        host=host,
        port=port,
        http=PatientProtocol,
        # By name, whatever faster ones are installed here: our patience knows these from within.
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        # Of nobody who is not named: any process of this machine could say who it wants to be.
        forwarded_allow_ips=os.environ.get("FORWARDED_ALLOW_IPS", ""),
        # Streams of live state never end by themselves: without this a stop would wait for them.
        timeout_graceful_shutdown=3,
        timeout_keep_alive=30,
        lifespan="off",
    )
    config.load()
    memory.settle()
    server = uvicorn.Server(config)
    server.run()
    return 0 if server.started else 1


def in_url(host: str) -> str:
    """Return how an address that is listened on is written in a URL that reaches it from here."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{here}]" if ":" in here else here


def _prepare() -> None:
    django.setup()
    configure()
    # It needs the models.
    import_module("slipway.project.installation.key_file").settle()


def _incoming() -> Path:
    """Where a body lies while it comes: beside the packages, where there is room for them, and not
    in a memory that calls itself /tmp."""
    folder = Path(settings.SLIPWAY_PACKAGES) / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder

"""The web process: UI and API. It reads and writes rows, and touches nothing else."""

import os

import uvicorn

from slipway.project import memory
from slipway.project.logs import configure

HOST_NAMES_FOR_LOCAL = "localhost 127.0.0.1 [::1]"


def run(*, host: str, port: int) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit status."""
    if not os.environ.get("SLIPWAY_ALLOWED_HOSTS") and host not in ("127.0.0.1", "::1", "0.0.0.0"):
        os.environ["SLIPWAY_ALLOWED_HOSTS"] = f"{host} {HOST_NAMES_FOR_LOCAL}"
    configure()
    config = uvicorn.Config(
        "slipway.project.asgi:application",
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
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

"""Services that answer over HTTP, and strangers who do."""

import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from slipway.core.spec.values import HealthCheck
from tests.adapters.ssh.waiting import until

# Answers on a port of the loopback; where it cannot, it lives on all the same.
SERVE = """
import encodings.idna, http.server, os, socketserver, sys, time
if sys.argv[4:]:
    os.setuid(int(sys.argv[4]))
family, address, port = sys.argv[1:4]
class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    address_family = int(family)
    daemon_threads = True
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"well")
    def log_message(self, *words):
        pass
try:
    server = Server((address, int(port)), Answer)
except OSError:
    time.sleep(100000)
{fork}
server.serve_forever()
"""
FORK = "if os.fork():\n    server.socket.close()\n    time.sleep(100000)"
PYTHON = sys.executable


def run_script(address: str = "127.0.0.1", *, fork: bool = False) -> bytes:
    """Return a bin/run.sh that answers at $PORT, itself or only by a child of it."""
    program = SERVE.replace("{fork}", FORK if fork else "")
    asked = f"exec {PYTHON} -I -c '{program}' {int(family_of(address))} {address} $PORT\n"
    return f"#!/bin/sh\n{asked}".encode()


def family_of(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


@contextmanager
def stranger(
    port: int,
    address: str = "127.0.0.1",
    *,
    environment: Mapping[str, str] | None = None,
    user: int | None = None,
) -> Iterator[int]:
    """Somebody else's process that answers on a port; its pid."""
    words = [PYTHON, "-I", "-c", SERVE.replace("{fork}", "")]
    with subprocess.Popen(
        [*words, str(int(family_of(address))), address, str(port), *([str(user)] if user else ())],
        env=environment or {},
        cwd="/",
    ) as process:
        try:
            yield process.pid
        finally:
            process.kill()


async def until_answered(port: int, address: str = "127.0.0.1") -> None:
    await until(lambda: is_answered(port, address))


def is_answered(port: int, address: str = "127.0.0.1") -> bool:
    try:
        with socket.create_connection((address, port), timeout=1):
            return True
    except OSError:
        return False


def check(
    port: int, address: str = "127.0.0.1", deadline: timedelta = timedelta(seconds=2)
) -> HealthCheck:
    name = f"[{address}]" if ":" in address else address
    return HealthCheck(
        http=f"http://{name}:{port}/",
        interval=timedelta(milliseconds=50),
        min_healthy_time=timedelta(milliseconds=100),
        healthy_deadline=deadline,
    )

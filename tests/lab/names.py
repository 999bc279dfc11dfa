"""Names of the internet in the lab: one address answers to several of them by TLS, and hands what
it is asked to the stand-in behind each name."""

import http.client
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.lab.machines import Machine
from tests.stands.gitlab_tls import own_authority

_OURS = ("host", "connection", "content-length", "transfer-encoding")
AUTHORITY = "/usr/local/share/ca-certificates/internet.crt"


class _Front(ThreadingHTTPServer):
    stands: Mapping[str, str]  # by name: the address of what answers to it


class _Handler(BaseHTTPRequestHandler):
    server: _Front

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        stand = urlsplit(self.server.stands[self.headers["Host"].partition(":")[0]]).netloc
        kept = {name: text for name, text in self.headers.items() if name.lower() not in _OURS}
        behind = http.client.HTTPConnection(stand, timeout=30)
        try:
            behind.request(self.command, self.path, body or None, kept)
            answer = behind.getresponse()
            data = answer.read()
        finally:
            behind.close()
        self.send_response_only(answer.status)
        for name, text in answer.getheaders():
            if name.lower() not in _OURS:
                self.send_header(name, text)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def answering(address: str, stands: Mapping[str, str], machine: Machine) -> Iterator[None]:
    """Let the machine reach each stand-in by its name (port 443), whose certificates it trusts."""
    authority, context = own_authority(address, *stands)
    machine.path(AUTHORITY).write_text(authority)
    machine.run("update-ca-certificates")
    with machine.path("/etc/hosts").open("a") as hosts:
        hosts.write(f"{address} {' '.join(stands)}\n")
    with _Front((address, 443), _Handler) as server:
        server.stands = stands
        server.socket = _wrapped(server, context)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


def _wrapped(server: _Front, context: ssl.SSLContext) -> ssl.SSLSocket:
    return context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)

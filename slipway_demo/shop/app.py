"""The demo's service: says which version of it answers, and whether it is well."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VERSION = os.environ["VERSION"]
BROKEN = "--broken" in sys.argv


class Shop(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        ill = BROKEN and self.path == "/healthz"
        answer = {"service": "shop", "version": VERSION, "healthy": not ill}
        body = json.dumps(answer).encode() + b"\n"
        self.send_response(500 if ill else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads an access log of a demo."""


if __name__ == "__main__":
    address = (os.environ["ADDRESS"], int(os.environ["PORT"]))
    print(f"shop {VERSION} listens on {address[0]}:{address[1]}", flush=True)
    ThreadingHTTPServer(address, Shop).serve_forever()

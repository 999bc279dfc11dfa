"""The program inside the shop's packages: says its version, and behaves as `manners.json` says."""

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MANNERS = json.loads(Path("manners.json").read_text())
# While this file is there every version on this host is ill, as when a database is down.
TROUBLE = Path(os.environ["SHARED"], "trouble")


def is_ill() -> bool:
    here = os.environ["ADDRESS"]
    elsewhere = bool(MANNERS["ill_but_on"]) and here != MANNERS["ill_but_on"]
    return bool(MANNERS["ill"]) or elsewhere or TROUBLE.exists()


class Shop(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        answer = {"version": MANNERS["says"] or os.environ["VERSION"]}
        self.send_response(500 if is_ill() else 200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads an access log of a test."""


if __name__ == "__main__":
    if MANNERS["dies_after"]:
        threading.Timer(MANNERS["dies_after"], os._exit, [1]).start()
    place = (os.environ["ADDRESS"], int(os.environ["PORT"]))
    ThreadingHTTPServer(place, Shop).serve_forever()

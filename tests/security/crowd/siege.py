"""An installation of real processes, two hundred strangers before it, and Alice inside."""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from tests.installation import Installation
from tests.security.crowd.meter import Disk, Memory, processes_below

STRANGERS = 200
PAGES = ("/", "/services", "/hosts", "/rollouts")
BETWEEN_PAGES = 0.1  # seconds
LONGEST = 60.0  # seconds that Alice waits for a page


@dataclass
class Siege:
    """What was seen: MB, MB, seconds of each of Alice's pages, and what strangers were answered."""

    memory: float = 0.0
    disk: float = 0.0
    waits: list[float] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)


class Alice:
    """Somebody at a browser, who is signed in."""

    def __init__(self, url: str, password: str) -> None:
        self._place = urlsplit(url).netloc
        self._cookies = {"csrftoken": "a" * 32}
        body = {"username": "admin", "password": password, "csrfmiddlewaretoken": "a" * 32}
        assert self._ask("POST", "/login", urlencode(body)) == 302

    def looks(self) -> Iterator[float]:
        """Yield the seconds that each page took, one after the other, for ever."""
        while True:
            for page in PAGES:
                began = time.monotonic()
                assert self._ask("GET", page) == 200
                yield time.monotonic() - began

    def _ask(self, method: str, path: str, body: str = "") -> int:
        connection = http.client.HTTPConnection(self._place, timeout=LONGEST)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        connection.request(method, path, body or None, {"Cookie": cookies, **form})
        answer = connection.getresponse()
        answer.read()
        for value in answer.headers.get_all("Set-Cookie", []):
            self._cookies |= {name: each.value for name, each in SimpleCookie(value).items()}
        connection.close()
        return answer.status


def besiege(
    installation: Installation, seconds: float, count: int = STRANGERS, *kinds: str
) -> Siege:
    """Have strangers of these kinds (all, if none are named) come for so many seconds. The
    installation has been started."""
    password = (installation.data / "admin-password").read_text().strip()
    alice = Alice(installation.url, password).looks()
    for _ in range(2 * len(PAGES)):
        next(alice)  # the first of each loads what the others find
    siege = Siege()
    pids = processes_below(installation.pid)
    memory = Memory(pids)
    words = [str(urlsplit(installation.url).port), str(seconds), str(count), *kinds]
    with Disk(installation.folder, pids) as disk, _strangers(words) as crowd:
        while crowd.poll() is None:
            siege.waits.append(next(alice))
            time.sleep(BETWEEN_PAGES)
        assert crowd.stdout is not None
        siege.answers = json.loads(crowd.stdout.readline())
    siege.memory, siege.disk = memory.growth(), disk.growth()
    assert pids == processes_below(installation.pid), "a process has ended"
    return siege


@contextmanager
def _strangers(words: list[str]) -> "Iterator[subprocess.Popen[bytes]]":
    command = [sys.executable, "-m", "tests.security.crowd.strangers", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as crowd:
        try:
            assert crowd.stdout is not None
            crowd.stdout.readline()  # they are here
            yield crowd
        finally:
            crowd.kill()

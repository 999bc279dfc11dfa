"""An installation that is attacked over the wire: any method, path and header, from any address."""

import asyncio
import hashlib
import hmac
import http.client
import io
import json
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.installation import Installation

AT_ONCE = 8
LONGEST = 60.0  # seconds until an answer
COME_AGAIN = (429, 503)  # it is about what is answered, not how soon
PROOF = "a" * 32
CANARY = "<canary onx=1>'\"&"
SECRETS = {
    "credential of gitlab": "glpat-canary-of-a-credential",
    "secret of gitlab": "canary-of-the-servers-hooks",
    "secret of billing": "canary-of-billings-hooks",
    "password of vera": "canary of a password",
    "credential of jenkins": "canary-of-another-credential",
    "secret of shop": "canary-of-a-changed-secret",
}


@dataclass(frozen=True, slots=True)
class Ask:
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Said:
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    def cookie(self, name: str) -> str:
        """The value that it sets; "" where it sets none."""
        words = (value for key, value in self.headers if key.lower() == "set-cookie")
        found = [word.split(";")[0].partition("=") for word in words]
        return next((value for key, _, value in found if key == name), "")

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def is_turned_away(self) -> bool:
        """Whether it gave a stranger nothing: no entry, or no such method."""
        to_login = self.status == 302 and self.header("location").startswith("/login")
        return self.status in (400, 401, 403, 405, 501) or to_login


class Town:
    """billing in prod, with everything that may be planted over the API."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.port = int(urlsplit(installation.url).port or 80)
        self.token = (installation.data / "admin-token").read_text().strip()

    @cached_property
    def password(self) -> str:
        return (self.installation.data / "admin-password").read_text().split()[-1]

    def ask(self, asks: Iterable[Ask]) -> list[Said]:
        """Send all of them, some at a time; answers in the order of the questions."""
        waiting = list(enumerate(asks))
        said = [Said(0)] * len(waiting)
        turns = iter(waiting)

        async def gun() -> None:
            for number, one in turns:
                said[number] = await self._until_answered(one)

        async def run() -> None:
            await asyncio.gather(*(gun() for _ in range(AT_ONCE)))

        asyncio.run(run())
        return said

    def api(self, method: str, path: str, body: Any = None, token: str = "") -> Said:
        """Ask the API with a token, the admin's where none is given."""
        return self.ask([self.of_api(method, path, body, token)])[0]

    def of_api(self, method: str, path: str, body: Any = None, token: str = "") -> Ask:
        headers = {
            "Authorization": f"Bearer {token or self.token}",
            "Content-Type": "application/json",
        }
        data = b"" if body is None else json.dumps(body).encode()
        return Ask(method, f"/api/v1{path}", headers, data)

    def plant(self, path: str, body: Any) -> Any:
        said = self.api("POST", path, body)
        assert 200 <= said.status < 300, (path, said)
        return said.json

    def finished(self, path: str) -> Any:
        """Return what is there once a worker has finished it."""
        deadline = time.monotonic() + LONGEST
        while not (found := self.api("GET", path).json)["finished"]:
            assert time.monotonic() < deadline, found
        return found

    def sign_in(self, where: str = "/", cookies: str = "") -> Said:
        """Answer of the login page to the right password."""
        form = {"username": "admin", "password": self.password, "next": where}
        return self.ask([posted("/login", form, cookies)])[0]

    async def _until_answered(self, one: Ask) -> Said:
        while (said := await self._answer(_written(one), one.method)).status in COME_AGAIN:
            await asyncio.sleep(0.2)
        return said

    async def _answer(self, data: bytes, method: str) -> Said:
        address = (
            f"127.{random.randrange(9, 99)}.{random.randrange(256)}.{random.randrange(1, 250)}"
        )
        async with asyncio.timeout(LONGEST):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", self.port, local_addr=(address, 0)
            )
            try:
                writer.write(data)
                return _read(await reader.read(), method)
            except ConnectionError:
                return Said(400)  # hung up on
            finally:
                writer.close()


def plant(town: Town) -> None:
    """Things to steal, and words that would be elements where a page does not escape them."""
    town.plant("/environments", {"name": "prod"})
    for name, kind in (("gitlab", "gitlab"), ("jenkins", "jenkins")):
        server = {"name": name, "kind": kind, "base_url": "https://git.example.com"}
        said = {"credential": SECRETS["credential of gitlab"], "username": "ci"}
        town.plant("/build-servers", {**server, **said, "hook_secret": SECRETS["secret of gitlab"]})
    changed = {"credential": SECRETS["credential of jenkins"]}
    assert town.api("PATCH", "/build-servers/jenkins", changed).status == 200
    town.plant("/services", {"name": "shop"})
    changed = {"hook_secret": SECRETS["secret of shop"]}
    assert town.api("PATCH", "/services/shop", changed).status == 200
    secret = SECRETS["secret of billing"]
    town.plant("/services", {"name": "billing", "description": CANARY, "hook_secret": secret})
    town.plant("/keys", {"name": "default"})
    host = {"name": "web-1", "address": "192.0.2.7", "environment": "prod", "key": "default"}
    town.plant("/hosts", host)
    window = {"from": "2099-01-01T00:00:00Z", "until": "2099-01-02T00:00:00Z", "reason": CANARY}
    town.plant("/environments/prod/windows", window)
    town.plant("/locks", {"service": "billing", "environment": "prod", "reason": CANARY})
    town.plant("/tokens", {"name": CANARY, "role": "viewer", "expires": 60})
    town.plant("/users", {"username": "vera", "password": SECRETS["password of vera"]})
    town.plant("/grants", {"user": "vera", "role": "viewer"})


def posted(path: str, form: dict[str, str], cookies: str = "", **headers: str) -> Ask:
    """A form, sent as a page of ours sends it."""
    said = {
        "Cookie": "; ".join(filter(None, (f"csrftoken={PROOF}", cookies))),
        "Content-Type": "application/x-www-form-urlencoded",
        **headers,
    }
    return Ask("POST", path, said, urlencode({**form, "csrfmiddlewaretoken": PROOF}).encode())


def forged(kind: str) -> list[Ask]:
    """74 webhooks by whoever does not know the secret."""
    body = json.dumps({"service": "billing", "event": "push", "ref": "main"}).encode()
    if kind == "gitlab":
        body = json.dumps({"object_kind": "push", "project": {"id": 15}, "ref": "main"}).encode()
    if kind == "jenkins":
        body = json.dumps({"name": "billing", "build": {"number": 1}}).encode()
    now = str(int(time.time()))
    wrong = hmac.new(b"guessed", now.encode() + b"." + body, hashlib.sha256).hexdigest()
    guesses = ("", "guessed", "billing", "null", "0", "true", "sha256=", wrong, "é", "a" * 500)
    shapes = (
        lambda guess: {"X-Gitlab-Token": guess},
        lambda guess: {"X-Slipway-Token": guess, "Authorization": f"Bearer {guess}"},
        lambda guess: {"X-Slipway-Timestamp": now, "X-Slipway-Signature": guess},
        lambda guess: {"X-Slipway-Timestamp": now, "X-Slipway-Signature": f"sha256={guess}"},
        lambda guess: {"X-Slipway-Timestamp": "0", "X-Slipway-Signature": f"sha256={guess}"},
        lambda guess: {"webhook-id": "m", "webhook-timestamp": now, "webhook-signature": guess},
        lambda guess: {
            "webhook-id": "m",
            "webhook-timestamp": now,
            "webhook-signature": "v1," + guess,
        },
    )
    headers = [shape(guess) for shape, guess in product(shapes, guesses)]
    headers += [{}, {"X-Gitlab-Event": "Push Hook"}, {"Cookie": "a=b"}, {"X-Forwarded-For": "::1"}]
    typed = {"Content-Type": "application/json", "X-Gitlab-Event": "Push Hook"}
    return [Ask("POST", f"/hooks/{kind}", typed | each, body) for each in headers]


def texts_of(said: Sequence[Said]) -> set[tuple[int, bytes]]:
    return {(each.status, each.body) for each in said}


def _written(one: Ask) -> bytes:
    headers = {"Host": "localhost", "Connection": "close", "Content-Length": str(len(one.body))}
    lines = [f"{one.method} {one.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in (headers | one.headers).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace") + one.body


class _Heard:
    """What came, as the library's reader wants it."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, *_args: object) -> io.BytesIO:
        return io.BytesIO(self._data)


def _read(data: bytes, method: str) -> Said:
    if not data:
        return Said(400)
    answer = http.client.HTTPResponse(_Heard(data), method=method)  # type: ignore[arg-type]
    answer.begin()
    return Said(answer.status, tuple(answer.getheaders()), answer.read())

"""Many webhooks at once: a build server's own, again and out of order, among forged ones."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from slipway.interfaces.entrance import admission
from slipway.interfaces.entrance.buckets import Rate
from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Build, Delivery
from slipway.records.catalog.operations import services
from tests.interfaces.hooks.conftest import built_by
from tests.interfaces.hooks.senders import (
    SECRET,
    encoded,
    gitlab,
    jenkins,
    notice,
    pipeline,
    send,
    signed,
)
from tests.interfaces.server import asking, pieces_of

PUSHES, PIPELINES, NOTICES = 300, 500, 200
# What is forged is turned away before a row is written: a tenth tells it on the second database.
FORGED = {"sqlite": 10_000, "postgresql": 1_000}[connection.vendor]
HOOKS = ("gitlab", "jenkins", "generic")


@dataclass(frozen=True, slots=True)
class Sent:
    where: str
    body: bytes
    headers: dict[str, str]
    is_forged: bool = False


def legitimate() -> list[Sent]:
    """A thousand things that have really happened."""
    told = []
    for number in range(1, PIPELINES + 1):
        told.append(Sent("gitlab", pipeline(number), gitlab(SECRET, key=f"k{number}")))
    for number in range(1, NOTICES + 1):
        told.append(Sent("jenkins", jenkins(number=number), {"X-Slipway-Token": SECRET}))
    for number in range(PUSHES):
        body = notice(ref="main", commit=f"{number:040x}")
        # Their clock is ahead: so what is replayed at the end is not yet too old, either.
        headers = signed(body, at=time.time() + 240, key=f"p{number}")
        told.append(Sent("generic", body, headers))
    assert len(told) == PUSHES + PIPELINES + NOTICES
    return told


def forged(chance: random.Random, real: list[Sent]) -> Sent:
    """Something that a stranger makes up, or of something real that was overheard in part."""
    heard = chance.choice(real)
    match chance.randrange(4):
        case 0:
            headers = {name: value for name, value in heard.headers.items() if "Key" in name}
            return Sent(heard.where, heard.body, headers, is_forged=True)
        case 1:
            guess = f"a secret of somebody's, {chance.random()}"
            headers = gitlab(guess) | {"X-Slipway-Token": guess} | signed(heard.body, guess)
            return Sent(heard.where, heard.body, headers, is_forged=True)
        case 2:
            body = notice(ref="main", commit=f"{chance.randrange(16**40):040x}")
            return Sent("generic", body, real[-1].headers, is_forged=True)
        case _:
            stranger = notice(f"service-{chance.random()}", ref="main")
            return Sent("generic", stranger, signed(stranger), is_forged=True)


@pytest.mark.long
def test_of_a_flood_exactly_what_is_ours_is_kept_and_each_of_it_once() -> None:
    services.create_service(name="mail", by=Actor.system(), now=timezone.now())
    built_by("command", "/srv/app.git")
    built_by("gitlab", "15", "shop")
    built_by("jenkins", "team/billing", "mail")
    chance = random.Random(7)
    real = legitimate()
    flood = real + chance.sample(real, len(real) // 2)
    flood += [forged(chance, real) for _ in range(FORGED)]
    chance.shuffle(flood)
    flood += chance.sample(real, 100)  # replayed when all is over
    client, answers = Client(), Counter[tuple[bool, int]]()
    for one in flood:
        answer = client.generic(
            "POST", f"/hooks/{one.where}", one.body, "application/json", headers=one.headers
        )
        answers[one.is_forged, answer.status_code] += 1
    assert answers == {(False, 202): len(real) * 3 // 2 + 100, (True, 401): FORGED}
    kept = Counter(Delivery.objects.values_list("source", flat=True))
    assert kept == {"gitlab": PIPELINES, "jenkins": NOTICES, "generic": PUSHES}
    assert Build.objects.count() == PUSHES
    commits = set(Build.objects.values_list("version__commit", flat=True))
    assert commits == {f"{number:040x}" for number in range(PUSHES)}


@pytest.mark.usefixtures("by_gitlab")
@pytest.mark.parametrize("where", HOOKS)
def test_a_body_of_50_mb_is_refused(where: str) -> None:
    answer = send(where, bytes(50 * 1024**2), gitlab(SECRET))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.usefixtures("by_gitlab")
def test_a_body_of_just_1_mib_is_read() -> None:
    body = encoded({"a": ""})
    padded = body[:-2] + b"x" * (1024**2 - len(body)) + body[-2:]
    assert send("gitlab", padded, gitlab("wrong")).status_code == 401
    assert send("gitlab", padded + b" ", gitlab("wrong")).status_code == 413


@pytest.mark.parametrize("is_announced", [True, False])
async def test_a_large_body_is_answered_before_all_of_it_has_come(is_announced: bool) -> None:
    size, read = 50 * 1024**2, 0

    def counted() -> Iterator[bytes]:
        nonlocal read
        for piece in pieces_of(size):
            read += len(piece)
            yield piece

    headers = {"Content-Length": str(size)} if is_announced else {}
    async with asking("POST", "/hooks/gitlab", headers, counted()) as answer:
        assert answer.status == 413
    assert read <= (0 if is_announced else 1.2 * 1024**2)


@pytest.mark.parametrize("where", HOOKS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_webhooks_are_posted_and_nothing_else(where: str, method: str) -> None:
    answer = Client().generic(method, f"/hooks/{where}")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"


def test_one_address_may_send_only_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "HOOK", Rate(per_second=0.1, burst=3))
    answers = [send("gitlab", pipeline(), gitlab(SECRET)) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert answers[-1].json()["code"] == "too_often"

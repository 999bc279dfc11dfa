"""A whole log through the real application: read while it is sent, in the reader's language, and
nothing is held open for it afterwards."""

from asgiref.sync import sync_to_async
from django.test import Client
from django.utils import timezone

from slipway.core.words.kinds import RolloutKind
from slipway.core.words.sentence import Sentence
from slipway.records.rollouts.models import LogLine, Rollout
from tests.interfaces.conftest import make_company
from tests.interfaces.people import person
from tests.interfaces.releases import begin, make_version
from tests.interfaces.server import asking

LINES = 1_500


def _made() -> tuple[Rollout, str]:
    make_company()
    make_version("1.0")
    rollout = begin(RolloutKind.DEPLOY, "1.0", "web-1")
    lost = Sentence.of("lost", "{host} ({address}) is lost", host="web-1", address="10.0.30.1")
    paused = Sentence.of("rollout.paused", "{person} paused it", person="alice")
    now = timezone.now()
    LogLine.objects.bulk_create(
        LogLine(rollout=rollout, at=now, rev=number, text=f"line {number}")
        for number in range(1, LINES + 1)
    )
    for sentence in (lost, paused):
        LogLine.objects.create(rollout=rollout, at=now, rev=LINES + 1, sentence=sentence)
    client = Client()
    client.force_login(person("dora", ("viewer", "billing", "")).user)
    return rollout, f"sessionid={client.cookies['sessionid'].value}; django_language=zh-hans"


async def test_it_comes_whole_and_as_its_reader_may_know_it(
    transactional_db: None, packages: object
) -> None:
    rollout, cookie = await sync_to_async(_made)()
    address = f"/rollouts/{rollout.pk}/log.txt"
    async with asking("GET", address, {"Cookie": cookie}) as answer:
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        lines = (await answer.body()).decode().splitlines()
    told = [line.partition("Z  ")[2] for line in lines]
    assert [line for line in told if line.startswith("line ")] == [
        f"line {number}" for number in range(1, LINES + 1)
    ]
    assert told[-1] == "alice 暂停了它"
    assert any("web-1 (…)" in line for line in told)
    assert "10.0.30.1" not in str(told)

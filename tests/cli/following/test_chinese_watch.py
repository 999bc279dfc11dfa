"""A rollout that fails is watched on a Chinese terminal: nothing there is an English sentence."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from slipway.core.rollout.told import sentences as say
from slipway.core.rollout.value.questions import Asks, Question
from slipway.records.rollouts.models import Rollout
from tests.browser.company import V2, found_company, web_server
from tests.chinese import english_in
from tests.cli.conftest import Run
from tests.cli.reading import reading_chinese
from tests.cli.standin import said
from tests.controller.company import Company, with_an_ill_version
from tests.fakes.steps import NOT_HEALTHY
from tests.interfaces.people import person
from tests.interfaces.web import fleet
from tests.interfaces.web.driving import Drive


@pytest.fixture
def company(transactional_db: None) -> Company:
    return with_an_ill_version()


def log_in(monkeypatch: pytest.MonkeyPatch, address: str, token: str) -> None:
    monkeypatch.setenv("SLIPWAY_URL", address)
    monkeypatch.setenv("SLIPWAY_TOKEN", token)


def drive(company: Company, rollout: Rollout) -> None:
    try:
        company.drive(rollout)
    finally:
        connections.close_all()


def test_a_failing_rollout_is_watched_from_start_to_end(
    company: Company, slipway: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the real controller: the canary never gets healthy and goes back, the rest stays."""
    token = person("anna", ("admin", "", "")).token
    rollout = company.start("upgrade", company.new, batches="1 50%")
    number = str(rollout.pk)
    with web_server() as address, ThreadPoolExecutor(1) as apart:
        log_in(monkeypatch, address, token)
        with reading_chinese():
            worker = apart.submit(drive, company, rollout)
            watched = slipway("rollout", "watch", number)
            worker.result()
            shown = slipway("rollout", "show", number)
            log = slipway("rollout", "log", number)
            plan = slipway("plan", "upgrade", "billing", "1.1", "--env", "prod")
            refused = slipway("rollout", "cancel", number)
            document = slipway("rollout", "show", number, "-o", "json").out
        assert slipway("rollout", "show", number, "-o", "json").out == document
    assert (watched.code, shown.code, refused.code) == (1, 0, 2)
    assert said([f"发布 {number} 已停止并回滚：", "（版本）：", "未能通过健康检查"], watched.err)
    for ended in (watched, shown, log, plan, refused):
        assert english_in(ended.err + ended.out, printed=NOT_HEALTHY) == []


def test_a_question_is_asked_in_chinese(
    transactional_db: None, slipway: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = found_company()
    rollout = fleet.begin(alice.actor, "upgrade", "billing", "prod", V2)
    hand = Drive.take(rollout)
    place = hand.places()[0]
    hand.write({}, asks=Question(Asks.NO_ROOM, say.no_room((place,), 1), (place,)))
    with web_server() as address, reading_chinese():
        log_in(monkeypatch, address, alice.token)
        asked = slipway("rollout", "watch", str(rollout.pk))
    assert asked.code == 3
    assert "最多允许 1 个" in asked.err
    assert english_in(asked.err) == []
    assert Rollout.objects.get(pk=rollout.pk).asks

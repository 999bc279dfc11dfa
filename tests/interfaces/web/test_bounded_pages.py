"""No page is longer than a browser can show, however long a log is: all of it is downloaded, a part
at a time."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from slipway.core.words.kinds import RolloutKind
from slipway.core.words.sentence import Sentence
from slipway.interfaces.web.builds import build_log
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record
from slipway.records.catalog.models import BuildServer
from slipway.records.rollouts.ask.parts import every_line
from slipway.records.rollouts.models import LogLine, Rollout, Step, Target
from tests.interfaces.people import Person, person
from tests.interfaces.releases import begin, make_version
from tests.interfaces.web.building import BuildDrive
from tests.interfaces.web.conftest import Visit
from tests.interfaces.web.reading import laid_flat

LONGEST = 4_000
MANY = 2_500  # lines: ten megabytes
PAGE = 3 * 1024**2  # bytes


@pytest.fixture
def rollout(company: None) -> Rollout:
    """Its log has ten megabytes."""
    make_version("1.0")
    rollout = begin(RolloutKind.DEPLOY, "1.0", "web-1")
    target, now = Target.objects.get(), timezone.now()
    LogLine.objects.bulk_create(
        LogLine(
            rollout=rollout,
            target=target,
            text=f"line {number} ".ljust(LONGEST, "x"),
            at=now,
            rev=number // 7,
        )
        for number in range(MANY)
    )
    return rollout


def test_a_board_is_bounded_and_says_where_all_of_it_is(
    rollout: Rollout, visit: Visit, dora: Person
) -> None:
    browser = visit(dora)
    short = browser.get(f"/rollouts/{rollout.pk}").content.decode()
    assert (len(short) < PAGE / 3, f"line {MANY - 1} " in short) == (True, True)
    assert 'href="?all=1"' in short
    whole = browser.get(f"/rollouts/{rollout.pk}?all=1").content.decode()
    assert (len(whole) < PAGE, f"line {MANY - 1} " in whole) == (True, True)
    assert len(whole) > 2 * len(short)
    (shown,) = re.findall(r"Its last (\d+) lines are shown", whole)
    assert int(shown) == len(re.findall(r"line \d+ x", whole))
    assert f'href="/rollouts/{rollout.pk}/log.txt" download' in laid_flat(whole)


def test_a_short_log_is_shown_whole_and_offers_nothing_more(
    rollout: Rollout, visit: Visit, dora: Person
) -> None:
    LogLine.objects.filter(rev__gt=5).delete()
    text = visit(dora).get(f"/rollouts/{rollout.pk}").content.decode()
    assert "?all=1" not in text
    assert "log.txt" not in text


def test_all_of_a_log_is_downloaded_in_parts(rollout: Rollout, visit: Visit, dora: Person) -> None:
    answer = visit(dora).get(f"/rollouts/{rollout.pk}/log.txt")
    assert answer.status_code == 200
    assert answer.streaming
    assert "attachment" in answer.headers["Content-Disposition"]
    with CaptureQueriesContext(connection) as asked:
        pieces = list(answer)
    assert len(asked) > 5  # read as it is sent
    assert max(map(len, pieces)) < 128 * 1024
    lines = b"".join(pieces).decode().splitlines()
    assert [f"line {number} " in lines[number] for number in (0, 6, 7, MANY - 1)] == [True] * 4
    assert len(lines) == MANY
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  web-1:?\d*  line 0 ", lines[0])


def test_a_download_says_sentences_in_the_readers_language_and_no_more_than_is_theirs(
    rollout: Rollout, visit: Visit, dora: Person
) -> None:
    LogLine.objects.all().delete()
    said = Sentence.of("rollout.paused", "{person} paused it", person="alice")
    lost = Sentence.of("lost", "{host} ({address}) is lost", host="web-1", address="10.0.30.1")
    for sentence in (said, lost):
        LogLine.objects.create(rollout=rollout, sentence=sentence, at=timezone.now(), rev=1)
    browser = visit(dora)
    path = f"/rollouts/{rollout.pk}/log.txt"
    text = b"".join(browser.get(path, headers={"Accept-Language": "zh-hans"})).decode()
    assert "alice 暂停了它" in text
    assert "web-1 (…) is lost" in text
    wide = visit(person("vera", ("viewer", "", "prod"))).get(path)
    assert "web-1 (10.0.30.1) is lost" in b"".join(wide).decode()


@pytest.mark.parametrize("path", ["/rollouts/1/log.txt", "/builds/1/log.txt"])
def test_a_log_that_one_may_not_see_is_not_there(rollout: Rollout, visit: Visit, path: str) -> None:
    browser = visit(person("mallory", ("admin", "shop", "")))
    assert browser.get(path).status_code == 404
    assert Client().get(path).status_code == 302


def test_every_line_comes_once_and_in_order(rollout: Rollout) -> None:
    numbers = [line.id for line in every_line(rollout)]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == MANY


def test_of_many_steps_the_newest_are_shown_and_the_others_counted(
    rollout: Rollout, visit: Visit, dora: Person
) -> None:
    target, now = Target.objects.get(), timezone.now()
    Step.objects.all().delete()
    Step.objects.bulk_create(
        Step(
            target=target,
            name="restart",
            attempt=number,
            order=1,
            ticket=f"t-{number}",
            output=f"attempt {number} ".ljust(64 * 1024, "y"),
            started_at=now,
            finished_at=now + timedelta(seconds=1),
            exit_code=1,
        )
        for number in range(1, 101)
    )
    text = visit(dora).get(f"/rollouts/{rollout.pk}/targets/{target.pk}").content.decode()
    assert len(text) < PAGE
    assert "60 earlier steps are not shown" in text
    assert "attempt 100 y" in text
    assert "attempt 60 y" not in text


def test_of_a_build_log_of_long_lines_the_last_ones_come_and_all_is_downloaded(
    gitlab: BuildServer, visit: Visit, alice: Person
) -> None:
    drive = BuildDrive.ask("billing")
    drive.start()
    text = "".join(f"{number} ".ljust(9_999, "z") + "\n" for number in range(300))
    size = 256 * 1024
    for start in range(0, len(text), size):
        drive.say(text[start : start + size])
    browser, number = visit(alice), drive.build_id
    page = browser.get(f"/builds/{number}", follow=True).content.decode()
    assert len(page) < PAGE
    assert f'href="/builds/{number}/log.txt" download' in laid_flat(page)
    assert 'id="L300"' in page
    assert 'id="L1"' not in page
    answer = browser.get(f"/builds/{number}/log.txt")
    assert answer.streaming
    assert b"".join(answer).decode() == text


def test_a_log_of_one_endless_line_is_bounded_as_well() -> None:
    lines = build_log.lines_of("a" * 5 * 1024**2)
    assert lines.is_cut
    assert sum(len(text) for row in lines.rows for _, text in row.parts) <= 1024**2
    text = "a\n" * 10
    assert (build_log.lines_of(text).is_cut, len(build_log.lines_of(text).rows)) == (False, 10)


def test_an_event_of_the_audit_with_long_values_is_cut_and_says_so(
    company: None, visit: Visit
) -> None:
    now, by = timezone.now(), Actor.system()
    after = {"spec": "v" * 100_000}
    for _ in range(40):
        record("service.changed", "service", 1, "billing", by=by, now=now, after=after)
    root = person("root", is_superuser=True)
    text = visit(root).get("/audit").content.decode()
    assert len(text) < PAGE / 3
    assert "vvv…" in text

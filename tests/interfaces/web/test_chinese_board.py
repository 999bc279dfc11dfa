"""A rollout that failed, from the real controller, read in Chinese: in the page, and live."""

import json

import pytest
from django.test import Client

from slipway.interfaces.live.shown import look
from slipway.interfaces.web.frame.saying import teller
from slipway.records.rollouts.models import Rollout
from tests.chinese import english_in, shown_in
from tests.controller.company import Company, with_an_ill_version
from tests.fakes.steps import NOT_HEALTHY
from tests.interfaces.people import person
from tests.interfaces.web.reading import page

pytestmark = pytest.mark.once


@pytest.fixture
def company(transactional_db: None) -> Company:
    return with_an_ill_version()


@pytest.fixture
def reader(company: Company) -> Client:
    browser = Client()
    browser.force_login(person("anna", ("admin", "", "")).user)
    browser.cookies["django_language"] = "zh-hans"
    return browser


def fail(company: Company) -> tuple[Rollout, ...]:
    """An upgrade that ends badly and takes itself back, and one that a host keeps from its end."""
    failed = company.drive(company.start("upgrade", company.new, batches="1 50%"))
    company.fleet.at("web-2").disk_free = 100
    other = company.version("1.2")
    return failed, company.run_all("upgrade", other)


def test_the_pages_of_a_failed_rollout_hold_no_english_sentence(
    company: Company, reader: Client
) -> None:
    for rollout in fail(company):
        target = rollout.targets.order_by("batch", "id").first()
        assert target is not None
        for address in (
            f"/rollouts/{rollout.pk}?all=1",
            f"/rollouts/{rollout.pk}/head",
            f"/rollouts/{rollout.pk}/targets/{target.pk}",
            *(f"/rollouts/{rollout.pk}/tabs/{name}" for name in ("timeline", "changes")),
        ):
            text = shown_in(page(reader, address))
            assert english_in(text, printed=NOT_HEALTHY) == [], address
        reader.cookies["django_language"] = "en"
        assert english_in(shown_in(page(reader, f"/rollouts/{rollout.pk}")))
        reader.cookies["django_language"] = "zh-hans"
    for address in ("/", "/rollouts", "/services/billing", "/audit"):
        assert english_in(shown_in(page(reader, address)), printed=NOT_HEALTHY) == [], address


def test_what_comes_live_holds_no_english_sentence(company: Company) -> None:
    for rollout in fail(company):
        told = look(rollout.pk, -1).told(teller("zh-hans"))
        said = [line["text"] for line in told["lines"]]
        said += [cell["problem"] + cell["hint"] for cell in told["cells"]]
        said += [told["rollout"]["outcome"], told["rollout"]["reason"]]
        assert english_in("\n".join(said), printed=NOT_HEALTHY) == []
        assert any("\u4e00" <= letter <= "\u9fff" for text in said for letter in text)


def test_what_our_program_says_on_a_host_is_chinese_and_its_words_stay_with_the_step(
    company: Company, reader: Client
) -> None:
    rollout = company.run_all("upgrade", company.version("1.2"))
    target = rollout.targets.order_by("batch", "id").first()
    assert target is not None
    here = f"/rollouts/{rollout.pk}"
    live = look(rollout.pk, -1).told(teller("zh-hans"))["lines"]
    printed = [line["text"] for line in live if line["level"] == "output"]
    assert [text for text in printed if text.startswith("健康：进程 ")]
    page_of_all = reader.get(f"{here}?all=1").content.decode()
    assert ("在运行 1.2。" in page_of_all, "runs 1.2" in page_of_all) == (True, False)
    assert "runs 1.2." in reader.get(f"{here}/targets/{target.pk}").content.decode()
    lines = reader.get(f"/api/v1{here}/log").json()["items"]
    line = next(each for each in lines if each["level"] == "output")
    assert (line["text_code"], line["text_values"]["version"]) == ("healthy", "1.2")
    assert line["text"] == f"Healthy: process {line['text_values']['pid']} runs 1.2."


def test_the_api_says_english_and_beside_it_code_and_values(
    company: Company, reader: Client
) -> None:
    failed, *_ = fail(company)
    told = json.loads(reader.get(f"/api/v1/rollouts/{failed.pk}").content)
    ill = next(target for target in told["targets"] if target["problem"])
    assert "did not become healthy" in ill["problem"]
    assert ill["problem_code"] == "never_healthy"
    assert ill["problem_values"]["problem"]["sentence"]["values"]["version"] == "1.1"
    assert told["outcome_code"] == "taken_back"
    assert told["outcome_values"]["why"]["sentence"]["code"] == "halted_by_version"
    assert (told["end"], told["cause"]) == ("halted and taken back", "version")

"""How builds go and end, as each build server tells it, read in Chinese."""

import json
from collections.abc import Iterator

import pytest
from django.test import Client

from slipway.adapters.builds.gitlab.answers import PipelineJob, build_from
from slipway.adapters.builds.jenkins.seen import seen, waiting
from slipway.core.builds.orders import BuildOrder, ServerAccess, ServerKind
from slipway.core.builds.package_source import PackageSource
from slipway.core.builds.seen import SeenBuild
from slipway.core.builds.state import SeenStatus
from slipway.core.words.sentence import Sentence
from slipway.core.words.versions import VersionStatus
from slipway.records.catalog.models import BuildServer
from tests.chinese import english_in, shown_in
from tests.interfaces.people import Person
from tests.interfaces.web.building import BuildDrive
from tests.interfaces.web.conftest import Visit
from tests.interfaces.web.reading import page

pytestmark = pytest.mark.once

ORDER = BuildOrder(
    access=ServerAccess("ci", ServerKind.JENKINS, "https://ci.example.com"),
    service="billing",
    project="billing",
    ref="main",
    commit="",
    correlation="b-1",
    source=PackageSource(),
)
PIPELINES = (
    *("created", "pending", "waiting_for_resource", "manual", "scheduled", "running"),
    *("success", "failed", "canceled", "skipped", "thawing"),
)
REASONS = ("script_failure", "stuck_or_timeout_failure", "")


def pipelines() -> Iterator[SeenBuild]:
    for status in PIPELINES:
        yield build_from({"id": 1, "status": status})
        for reason in REASONS:
            jobs = [_job(name, status, reason) for name in ("打包", "检查")]
            yield build_from({"id": 1, "status": status}, jobs=jobs[:1])
            yield build_from({"id": 1, "status": status}, jobs=jobs)


def jenkins_builds() -> Iterator[SeenBuild]:
    for result in ("SUCCESS", "UNSTABLE", "FAILURE", "NOT_BUILT", "ABORTED", "SPLENDID", 7):
        yield seen(ORDER, "", {"number": 1, "building": False, "result": result})
    yield waiting(ORDER, {"id": 1, "cancelled": True})


def _job(name: str, status: str, reason: str) -> PipelineJob:
    return PipelineJob(1, name, "test", status, reason, False, None, False, False, "a.zip", None)


COMMANDS = (
    Sentence.of("command_ended", "Its command ended with exit status {code}.", code=3),
    Sentence.of("build_memory", "Its processes held over {limit} MiB (memory_limit).", limit=9),
    Sentence.of("build_machine_down", "The build was interrupted: its machine was going down."),
)


def sayings() -> dict[str, tuple[SeenStatus, Sentence]]:
    """Whatever a build server was made to say, once each."""
    found = [*pipelines(), *jenkins_builds()]
    said = [(each.status, each.says) for each in found if each.says]
    said += [(SeenStatus.FAILED, each) for each in COMMANDS]
    return {says.english: (status, says) for status, says in said}


def test_what_build_servers_say_is_read_in_chinese(
    gitlab: BuildServer, admin: Person, visit: Visit
) -> None:
    browser = visit(admin)
    browser.cookies["django_language"] = "zh-hans"
    assert len(sayings()) > 20
    for status, says in sayings().values():
        drive = BuildDrive.ask("billing")
        drive.start()
        drive.see(status, commit="", says=says)
        is_read_in_chinese(browser, drive.page)
        if status.is_over:
            drive.fail()
            is_read_in_chinese(browser, drive.page)
        told = json.loads(
            browser.get(
                f"/api/v1/builds/{drive.build_id}", headers={"Accept-Language": "zh-Hans"}
            ).content
        )
        assert (told["says"], told["says_code"]) == (says.english, says.code)
        assert english_in(told["told"][says.english]) == []
    is_read_in_chinese(browser, "/builds")
    is_read_in_chinese(browser, "/")


def test_each_end_of_a_build_is_read_in_chinese(
    gitlab: BuildServer, admin: Person, visit: Visit
) -> None:
    browser = visit(admin)
    browser.cookies["django_language"] = "zh-hans"
    for status in (VersionStatus.FAILED, VersionStatus.TIMEOUT):
        drive = BuildDrive.ask("billing")
        drive.start()
        drive.see(says=COMMANDS[0])
        drive.trouble("{server} did not answer in time.")
        is_read_in_chinese(browser, drive.page)
        drive.fail(status=status)
        is_read_in_chinese(browser, drive.page)
        drive = BuildDrive.take(drive.build)
        drive.see(SeenStatus.SUCCESS, commit="")
        is_read_in_chinese(browser, drive.page)
    is_read_in_chinese(browser, "/builds")


def is_read_in_chinese(browser: Client, address: str) -> None:
    assert english_in(shown_in(page(browser, address))) == [], address

"""What builds printed is kept for ninety days; its end stays with the version."""

from datetime import timedelta

import pytest

from slipway.core.builds.state import BuildStage
from slipway.core.words.versions import VersionStatus
from slipway.records.builds.operations import logs as build_logs
from slipway.records.builds.queries import builds
from slipway.records.catalog.models import Build, BuildLogPart, Service, Version
from slipway.records.catalog.operations import services
from tests.records.people import NOW, bob

pytestmark = pytest.mark.django_db

OLD = timedelta(days=91)


@pytest.fixture
def billing() -> Service:
    return services.create_service(name="billing", by=bob(), now=NOW)


def built(service: Service, name: str, *parts: str, ended: bool = True, glance: int = 10) -> Build:
    """A build that printed `parts`, and of whose log the version holds `glance` characters."""
    version = Version.objects.create(
        service=service,
        name=name,
        status=VersionStatus.FAILED if ended else VersionStatus.BUILDING,
        build_log="".join(parts)[-glance:],
        created_at=NOW,
    )
    build = Build.objects.create(
        version=version,
        service=service,
        correlation=name,
        originator="asked",
        stage=BuildStage.OVER if ended else BuildStage.WATCHED,
        log_size=len("".join(parts)),
        created_at=NOW,
        deadline_at=NOW,
        finished_at=NOW if ended else None,
    )
    start = 0
    for part in parts:
        BuildLogPart.objects.create(build=build, start=start, text=part)
        start += len(part)
    return build


def test_ninety_days_after_its_end_a_log_is_let_go_and_its_end_is_shown(billing: Service) -> None:
    old = built(billing, "1.0", "compiling\n", "no space left\n", glance=5)
    running = built(billing, "1.1", "compiling\n", ended=False)
    assert build_logs.forget_build_logs(now=NOW + timedelta(days=90)) == 0
    assert builds.get_log(old).text == "compiling\nno space left\n"
    assert build_logs.forget_build_logs(now=NOW + OLD) == 1
    assert build_logs.forget_build_logs(now=NOW + OLD) == 0
    first, rest = builds.get_log(old).text.split("\n", 1)
    assert "the rest was let go" in first
    assert rest == "left\n"
    assert builds.get_log(running).text == "compiling\n"


def test_whoever_reads_it_in_pieces_reads_all_that_is_left(billing: Service) -> None:
    build = built(billing, "1.0", "compiling\n" * 20, glance=100)
    build_logs.forget_build_logs(now=NOW + OLD)
    whole = builds.get_log(build).text
    read, page = "", builds.get_log(build, 0, 7)
    while page.text:
        read += page.text
        page = builds.get_log(build, page.next, 7)
    assert read == whole
    assert (page.next, page.size, page.is_over) == (len(whole), len(whole), True)


def test_a_log_that_its_version_holds_whole_is_shown_as_it_was(billing: Service) -> None:
    build = built(billing, "1.0", "done\n")
    build_logs.forget_build_logs(now=NOW + OLD)
    assert builds.get_log(build).text == "done\n"


def test_a_build_that_printed_nothing_has_an_empty_log(billing: Service) -> None:
    assert builds.get_log(built(billing, "1.0")).text == ""


def test_many_old_logs_are_let_go_bit_by_bit(billing: Service) -> None:
    for name in ("1.0", "1.1", "1.2"):
        built(billing, name, "compiling\n", "done\n")
    assert build_logs.forget_build_logs(now=NOW + OLD, limit=2) == 2
    assert build_logs.forget_build_logs(now=NOW + OLD, limit=2) == 1
    assert not BuildLogPart.objects.exists()

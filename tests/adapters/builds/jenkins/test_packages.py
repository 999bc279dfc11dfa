"""The log and the package of a build on Jenkins."""

import io
import zipfile
from collections.abc import Iterator

import pytest

from slipway.core.builds.orders import BuildOrder
from slipway.core.builds.package_source import PackageSource, SourceKind
from slipway.ports.builds import BuildGone, OffLimits, PackageMissing, ServerRefused
from tests.adapters.builds.jenkins.orders import fetched, finished, order, running, server
from tests.stands.jenkins import JenkinsStand
from tests.stands.jenkins_http import Answer

MOST = 256 * 1024
NOTE = b"\x1b[8mha:AAAABBBB==\x1b[0m"


@pytest.fixture
def jenkins() -> Iterator[JenkinsStand]:
    with JenkinsStand() as stand:
        stand.add_job("team/billing")
        yield stand


def artifact(path: str) -> PackageSource:
    return PackageSource(path=path)


def whole_log(wanted: BuildOrder, build_id: str) -> list[str]:
    pieces, position = [], ""
    while (piece := server.log(wanted, build_id, position)).text:
        pieces.append(piece.text)
        position = piece.position
    return pieces


def test_a_log_goes_on_where_it_ended(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    build_id, build = running(jenkins, wanted)
    assert server.log(wanted, build_id, "").text == ""
    jenkins.append_log(build, "one\ntwo\n")
    first = server.log(wanted, build_id, "")
    jenkins.append_log(build, "three\n")
    second = server.log(wanted, build_id, first.position)
    assert (first.text, second.text) == ("one\ntwo\n", "three\n")
    assert server.log(wanted, build_id, second.position).text == ""


def test_a_progress_bar_comes_as_it_was_printed(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    build_id, build = running(jenkins, wanted)
    jenkins.append_log(build, "10 %\r50 %\r90")
    first = server.log(wanted, build_id, "")
    jenkins.append_log(build, " %\r\ndone\n")
    second = server.log(wanted, build_id, first.position)
    assert (first.text, second.text) == ("10 %\r50 %\r", "90 %\ndone\n")


def test_what_jenkins_hides_in_a_log_moves_no_position(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    build_id, build = running(jenkins, wanted)
    jenkins.append_log(build, NOTE + b"one\n")
    first = server.log(wanted, build_id, "")
    jenkins.append_log(build, NOTE + b"two\n")
    assert server.log(wanted, build_id, first.position).text == "two\n"


@pytest.mark.parametrize("line", ["发布 line %d" + " much" * 9 + "\n", "x" * 99 + " %d\n"])
def test_a_long_log_comes_in_pieces_that_lose_nothing(jenkins: JenkinsStand, line: str) -> None:
    wanted = order(jenkins)
    build_id, build = running(jenkins, wanted)
    text = "".join(line % number for number in range(12_000))
    jenkins.append_log(build, NOTE + text.encode())
    pieces = whole_log(wanted, build_id)
    assert "".join(pieces) == text
    assert len(pieces) > 1
    assert all(len(piece.encode()) <= MOST for piece in pieces)


def test_a_log_of_one_endless_line_is_cut_between_characters(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    build_id, build = running(jenkins, wanted)
    jenkins.append_log(build, "布" * 200_000)
    assert whole_log(wanted, build_id) == []  # Jenkins keeps a line back until it is whole
    jenkins.succeed(build)
    assert "".join(whole_log(wanted, build_id)) == "布" * 200_000


def test_a_log_holds_no_nul_and_no_broken_characters(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    build_id, build = running(jenkins, wanted)
    jenkins.append_log(build, b"a\0b\xff\n")
    assert server.log(wanted, build_id, "").text == "a\ufffdb\ufffd\n"


def test_while_it_waits_the_log_says_why_once(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    place = server.start(wanted)
    item = jenkins.newest_item()
    item.why = "In the quiet period. Expires in 4.9 sec"
    first = server.log(wanted, place, "")
    assert first.text == "In Jenkins' queue: In the quiet period. Expires in 4.9 sec\n"
    item.why = "In the quiet period. Expires in 900 ms"
    assert server.log(wanted, place, first.position).text == ""
    item.why = "Waiting for next available executor"
    assert "executor" in server.log(wanted, place, first.position).text
    jenkins.append_log(jenkins.leave_queue(item), "begins\n")
    assert server.log(wanted, place, first.position).text == "begins\n"


@pytest.mark.parametrize("path", ["", "dist/a.tar.gz", "dist/*.tar.gz", "*/*", "*/?.tar.*"])
def test_the_one_artifact_is_fetched(jenkins: JenkinsStand, path: str) -> None:
    wanted = order(jenkins, source=artifact(path))
    build_id = finished(jenkins, wanted, dist__a_tar_gz=b"bytes")
    assert fetched(wanted, build_id) == ("a.tar.gz", b"bytes")


@pytest.mark.parametrize("path", ["", "*", "dist/*.zip", "a.tar.gz", "d.st/a.tar.gz", "dist"])
def test_a_wrong_path_lists_what_is_there(jenkins: JenkinsStand, path: str) -> None:
    wanted = order(jenkins, source=artifact(path))
    build_id = finished(jenkins, wanted, dist__a_tar_gz=b"a", dist__b_tar_gz=b"b")
    with pytest.raises(PackageMissing, match=r"dist/a.tar.gz, dist/b.tar.gz"):
        fetched(wanted, build_id)


def test_expired_artifacts_are_missing(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    build_id, build = running(jenkins, wanted)
    jenkins.succeed(build, artifacts={"a.tar.gz": b"a"})
    jenkins.expire_artifacts(build)
    for kind in (SourceKind.ARTIFACT, SourceKind.ARCHIVE):
        with pytest.raises(PackageMissing, match="It has: nothing"):
            fetched(order(jenkins, source=PackageSource(kind)), build_id)


def test_an_artifact_that_goes_while_it_is_asked_for_is_missing(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    build_id = finished(jenkins, wanted, a_tar_gz=b"a")
    jenkins.fault("/artifact/", Answer(404))
    with pytest.raises(PackageMissing, match=r"has no artifact a.tar.gz"):
        fetched(wanted, build_id)


def test_a_hostile_artifact_name_stays_one_request(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    build_id, build = running(jenkins, wanted)
    jenkins.succeed(build, artifacts={"../../../../../etc/passwd": b"a"})
    with pytest.raises(OffLimits):
        fetched(wanted, build_id)


def test_odd_artifact_names_are_fetched(jenkins: JenkinsStand) -> None:
    for name in ("a b.tar.gz", "发布.tar.gz", "100%.tar.gz", "a?b#c.tar.gz", "a%2Fb.zip"):
        build_id, build = running(jenkins, order(jenkins))
        jenkins.succeed(build, artifacts={name: name.encode()})
        assert fetched(order(jenkins), build_id) == (name, name.encode())


def test_all_artifacts_come_as_one_archive(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins, source=PackageSource(SourceKind.ARCHIVE))
    build_id = finished(jenkins, wanted, dist__a_txt=b"a", b_txt=b"b")
    filename, content = fetched(wanted, build_id)
    assert filename == "billing-1.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["archive/dist/a.txt", "archive/b.txt"]


def test_a_package_may_be_no_larger_than_allowed(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins, size_limit=1000)
    build_id = finished(jenkins, wanted, a_tar_gz=b"x" * 1001)
    with pytest.raises(ServerRefused, match="the most that is allowed"):
        fetched(wanted, build_id)


def test_only_gitlab_has_a_registry(jenkins: JenkinsStand) -> None:
    source = PackageSource(SourceKind.REGISTRY, path="a.tar.gz", package="billing")
    build_id = finished(jenkins, order(jenkins), a_tar_gz=b"x")
    with pytest.raises(ServerRefused, match="no package registry"):
        fetched(order(jenkins, source=source), build_id)


def test_a_build_without_number_has_no_package(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    place = server.start(wanted)
    with pytest.raises(BuildGone):
        fetched(wanted, place)

"""A Jenkins that fails in every way: each ends in the right error, and in one build."""

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from slipway.adapters.builds.jenkins.server import JenkinsServer
from slipway.adapters.egress.trouble import Unreachable
from slipway.core.builds.orders import BuildOrder
from slipway.core.builds.state import SeenStatus
from slipway.ports.builds import OffLimits, ServerRefused, ServerTrouble, StartUnsure
from tests.adapters.builds.jenkins.orders import finished, impatient, order, running, server
from tests.stands.jenkins import JenkinsStand
from tests.stands.jenkins_http import Answer, Cut, Drop, Fault, Silence, Trickle

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
HTML = Answer(200, b"<html>Please log in</html>", {"Content-Type": "text/html"})
TROUBLES: dict[str, Fault] = {
    "500": Answer(500, b"<html>Oops</html>"),
    "502": Answer(502),
    "503": Answer(503, b"Jenkins is getting ready"),
    "429": Answer(429, b"", {"Retry-After": "17"}),
    "silence": Silence(),
    "drop": Drop(),
    "slow": Trickle(0.1),
    "cut": Cut(5),
    "HTML": HTML,
    "broken JSON": Answer(200, b'{"number": '),
    "a list": Answer(200, b"[1]"),
    "deep JSON": Answer(200, b"[" * 100_000),
    "no text": Answer(200, b"\xff\xfe"),
}


@pytest.fixture
def jenkins() -> Iterator[JenkinsStand]:
    with JenkinsStand() as stand:
        stand.add_job("team/billing")
        yield stand


Question = Callable[[JenkinsServer, BuildOrder, str], object]


def fetched(asked: JenkinsServer, wanted: BuildOrder, build_id: str) -> bytes:
    with asked.fetch(wanted, build_id) as package:
        return b"".join(package.chunks)


QUESTIONS: dict[str, Question] = {
    "resolve": lambda asked, wanted, _: asked.resolve(wanted),
    "find": lambda asked, wanted, _: asked.find(wanted),
    "look": lambda asked, wanted, build_id: asked.look(wanted, build_id),
    "log": lambda asked, wanted, build_id: asked.log(wanted, build_id, ""),
    "list": lambda asked, wanted, _: asked.list_recent(wanted, LONG_AGO),
    "compare": lambda asked, wanted, _: asked.compare(wanted, "a", "b"),
    "fetch": fetched,
}


def meeting(fault: Fault) -> JenkinsServer:
    """Only who meets silence needs to be impatient: a busy machine is slow, too."""
    return impatient if isinstance(fault, Silence | Trickle) else server


@pytest.mark.parametrize("fault", TROUBLES)
@pytest.mark.parametrize("question", QUESTIONS)
def test_whatever_goes_wrong_is_trouble_and_passes(
    jenkins: JenkinsStand, question: str, fault: str
) -> None:
    wanted = order(jenkins)
    build_id = finished(jenkins, wanted, a_tar_gz=b"bytes" * 10)
    jenkins.append_log(jenkins.jobs["team"].children["billing"].builds[1], "one line of it\n")
    jenkins.fault("GET /", TROUBLES[fault])
    with pytest.raises(ServerTrouble) as trouble:
        QUESTIONS[question](meeting(TROUBLES[fault]), wanted, build_id)
    assert trouble.value.retry_after == (timedelta(seconds=17) if fault == "429" else None)
    assert "jenkins-1" in trouble.value.message
    assert trouble.value.hint
    QUESTIONS[question](server, wanted, build_id)


MAYBE_STARTED: dict[str, Fault] = {
    "silence": Silence(),
    "drop": Drop(),
}
NOT_SAID: dict[str, Fault] = {
    "500": Answer(500),
    "504": Answer(504),
    "HTML": HTML,
    "to the job": Answer(302, b"", {"Location": "."}),
    "no place": Answer(201),
    "another place": Answer(201, b"", {"Location": "http://[/queue/item/1"}),
}


@pytest.mark.parametrize("fault", MAYBE_STARTED)
def test_after_an_order_without_answer_the_one_build_is_found(
    jenkins: JenkinsStand, fault: str
) -> None:
    wanted = order(jenkins)
    jenkins.fault("buildWithParameters", MAYBE_STARTED[fault])
    with pytest.raises(StartUnsure, match="may have started"):
        meeting(MAYBE_STARTED[fault]).start(wanted)
    assert jenkins.orders == 1
    waiting = server.find(wanted)
    assert waiting is not None
    assert waiting.status is SeenStatus.WAITING
    jenkins.leave_queue(jenkins.newest_item())
    found = server.find(wanted)
    assert found is not None
    assert (found.id, found.status) == ("1", SeenStatus.RUNNING)
    assert server.look(wanted, waiting.id).id == "1"
    assert jenkins.orders == 1


@pytest.mark.parametrize("fault", NOT_SAID)
def test_an_answer_that_does_not_say_whether_it_started_is_unsure(
    jenkins: JenkinsStand, fault: str
) -> None:
    wanted = order(jenkins)
    jenkins.fault("buildWithParameters", NOT_SAID[fault])
    with pytest.raises(StartUnsure):
        server.start(wanted)
    assert server.find(wanted) is None


def test_an_order_that_comes_too_often_was_not_taken(jenkins: JenkinsStand) -> None:
    jenkins.fault("buildWithParameters", Answer(429, b"", {"Retry-After": "60"}))
    with pytest.raises(ServerTrouble) as trouble:
        server.start(order(jenkins))
    assert not isinstance(trouble.value, StartUnsure)
    assert trouble.value.retry_after == timedelta(seconds=60)


def test_an_order_is_sent_once_whatever_happens(jenkins: JenkinsStand) -> None:
    for fault in [*MAYBE_STARTED.values(), *NOT_SAID.values()]:
        jenkins.fault("buildWithParameters", fault)
        before = len([request for request in jenkins.requests if request.method == "POST"])
        with pytest.raises(StartUnsure):
            meeting(fault).start(order(jenkins))
        posts = [request for request in jenkins.requests if request.method == "POST"]
        assert len(posts) == before + 1


@pytest.mark.parametrize(
    ("asked", "pause"),
    [
        ({"Retry-After": "0"}, timedelta(0)),
        ({"Retry-After": "99999999999999999999"}, timedelta(hours=1)),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({}, None),
    ],
)
def test_what_is_asked_for_with_retry_after_is_kept_within_reason(
    jenkins: JenkinsStand, asked: dict[str, str], pause: timedelta | None
) -> None:
    jenkins.fault("GET /", Answer(503, b"", asked))
    with pytest.raises(ServerTrouble) as trouble:
        server.resolve(order(jenkins))
    assert trouble.value.retry_after == pause


def test_a_date_in_retry_after_counts_from_the_servers_own_clock(jenkins: JenkinsStand) -> None:
    dates = {
        "Date": "Wed, 21 Oct 2015 07:28:00 GMT",
        "Retry-After": "Wed, 21 Oct 2015 07:30:00 GMT",
    }
    jenkins.fault("GET /", Answer(503, b"", dates))
    with pytest.raises(ServerTrouble) as trouble:
        server.resolve(order(jenkins))
    assert trouble.value.retry_after == timedelta(minutes=2)


def test_a_package_that_ends_early_is_trouble(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    build_id = finished(jenkins, wanted, a_tar_gz=b"bytes" * 1000)
    jenkins.fault("/artifact/", Cut(100))
    with pytest.raises(ServerTrouble), server.fetch(wanted, build_id) as package:
        for _ in package.chunks:
            pass


def test_a_package_of_one_byte_a_moment_is_given_up(jenkins: JenkinsStand) -> None:
    wanted = order(jenkins)
    build_id = finished(jenkins, wanted, a_tar_gz=b"bytes" * 1000)
    jenkins.fault("/artifact/", Trickle(0.05))
    with pytest.raises(ServerTrouble):
        fetched(impatient, wanted, build_id)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_is_followed_elsewhere_and_the_credential_stays(
    jenkins: JenkinsStand, status: int
) -> None:
    with JenkinsStand() as elsewhere:
        elsewhere.add_job("team/billing")
        place = f"{elsewhere.url}/job/team/job/billing/"
        redirect = Answer(status, b"", {"Location": f"{place}api/json"})
        jenkins.fault("GET /", redirect)
        with pytest.raises(OffLimits):
            server.resolve(order(jenkins))
        jenkins.fault("POST /", Answer(status, b"", {"Location": f"{place}buildWithParameters"}))
        with pytest.raises(StartUnsure):
            server.start(order(jenkins))
        assert elsewhere.requests == []


def test_the_place_in_the_queue_is_asked_for_below_our_address_only(jenkins: JenkinsStand) -> None:
    with JenkinsStand() as elsewhere:
        jenkins.root_url = f"{elsewhere.url}/"
        wanted = order(jenkins)
        build_id, build = running(jenkins, wanted)
        jenkins.succeed(build, artifacts={"a.tar.gz": b"x"})
        assert server.look(wanted, build_id).status is SeenStatus.SUCCESS
        assert fetched(server, wanted, build_id) == b"x"
        assert elsewhere.requests == []


def test_nothing_listening_means_that_nothing_was_started(jenkins: JenkinsStand) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    access = jenkins.access(base_url=f"http://127.0.0.1:{port}")
    with pytest.raises(Unreachable) as trouble:
        server.start(order(jenkins, access=access))
    assert not isinstance(trouble.value, StartUnsure)


@pytest.mark.parametrize("status", [400, 401, 403, 410, 418])
def test_a_no_is_a_refusal(jenkins: JenkinsStand, status: int) -> None:
    jenkins.fault("GET /", Answer(status))
    with pytest.raises(ServerRefused) as refusal:
        server.resolve(order(jenkins))
    assert refusal.value.hint

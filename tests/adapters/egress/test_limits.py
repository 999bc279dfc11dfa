"""No answer and no download takes too long, or is too much."""

import pytest

from slipway.adapters.egress.addresses import resolve
from slipway.adapters.egress.outlet import RequestLimits
from slipway.adapters.egress.trouble import Unanswered, Unreachable
from slipway.ports.builds import ServerRefused
from tests.adapters.egress.conftest import DOWNLOAD_LIMIT, HASTY, USUAL, Make
from tests.stands import gitlab_faults as faults
from tests.stands.gitlab_http import LoopbackServer


@pytest.mark.parametrize(
    "fault", [faults.drip(), faults.silence_after_work(), faults.hang_up(), faults.cut()]
)
def test_no_whole_answer_in_time_is_unanswered(
    make: Make, server: LoopbackServer, fault: faults.Fault
) -> None:
    server.fault(on="POST /x", do=fault)
    with pytest.raises(Unanswered):
        make(server.url, limits=HASTY).ask(f"{server.url}/x", "POST")
    assert len(server.requests) == 1  # and it was not sent again


def test_no_connection_is_unreachable(make: Make) -> None:
    with pytest.raises(Unreachable, match="refuses connections"):
        make("http://127.0.0.1:1").ask("http://127.0.0.1:1/x", "POST")


def test_an_unknown_name_is_unreachable(make: Make) -> None:
    def nobody(host: str, port: int) -> list[str]:
        return resolve("nobody.invalid", port)

    with pytest.raises(Unreachable, match="no one knows its name"):
        make("http://gitlab.example.com", resolver=nobody).ask("http://gitlab.example.com/x")


def test_an_answer_has_a_largest_size(make: Make, server: LoopbackServer) -> None:
    with pytest.raises(ServerRefused, match="sends more than"):
        make(server.url).ask(f"{server.url}/large")


def test_a_download_has_a_size_of_its_own(make: Make, server: LoopbackServer) -> None:
    out = make(server.url)
    assert len(out.download(f"{server.url}/large")) == DOWNLOAD_LIMIT
    with pytest.raises(ServerRefused, match="sends more than"):
        out.download(f"{server.url}/larger")


def test_a_download_may_take_longer_than_an_answer(make: Make, server: LoopbackServer) -> None:
    server.drip_pause = 0.001
    server.fault(on="GET /large", do=faults.drip())
    out = make(server.url, limits=RequestLimits(answer=0.5, progress_time=10, progress_bytes=10))
    assert len(out.download(f"{server.url}/large")) == DOWNLOAD_LIMIT


def test_a_download_that_hardly_advances_is_given_up(make: Make, server: LoopbackServer) -> None:
    server.fault(on="GET /large", do=faults.drip())  # ten bytes a second
    with pytest.raises(Unanswered):
        make(server.url, limits=HASTY).download(f"{server.url}/large")


def test_a_refusal_is_no_download(make: Make, server: LoopbackServer) -> None:
    sentence = faults.Fault(404, b"x" * (USUAL.answer_bytes + 1))
    server.fault(on="GET /large", do=sentence)
    with pytest.raises(ServerRefused, match="sends more than"):
        make(server.url).download(f"{server.url}/large")


def test_a_compressed_answer_is_not_taken(make: Make, server: LoopbackServer) -> None:
    squeezed = faults.Fault(200, b"\x1f\x8b", {"Content-Encoding": "gzip"})
    server.fault(on="GET /x", do=squeezed)
    with pytest.raises(Unanswered, match="compressed"):
        make(server.url).ask(f"{server.url}/x")

"""Why a check is not passed is said in the thing's own words, whatever a host can ask with."""

import contextlib
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from slipway.adapters.ssh.requests.program import host_program
from slipway.core.rollout.told.health_words import reason_of

TOOLS = ("sh", "bash", "sed", "timeout", "tr", "head", "tail", "printf", "cat", "setsid", "sleep")
# Those that this machine has, and always ours and a bash.
OTHERS = ("curl", "python3", "wget", "busybox")
ASKERS = ("hands", "bash", *filter(shutil.which, OTHERS))
POOL = b'{\n  "status": "down",\n\t"pool": "exhausted: 20 of 20"\n}\n'
ANSWERS = {
    "/pool": (503, POOL),
    "/silent": (500, b""),
    "/long": (503, b"x" * 5000),
    "/well": (200, b"well\n"),
    "/moved": (302, b""),
    "/control": (503, b"a\x00b\x1b[31mc\r\nd"),
}


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, body = ANSWERS[self.path]
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/well")
        self.send_header("X-Header", "not what it says")
        self.end_headers()
        self.wfile.write(body)
        if status == 302:
            self._close_slowly()

    def _close_slowly(self) -> None:
        """Take more for a moment and answer none of it: a wget asked on over this connection."""
        self.connection.settimeout(0.2)
        with contextlib.suppress(OSError):
            self.connection.recv(1)

    def log_message(self, *_words: object) -> None:
        return


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(params=ASKERS)
def asker(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    """A way to ask, and a folder with the programs of a host that has no other."""
    name = request.param
    program = {"busybox": "wget", "hands": "bash"}.get(name, name)
    for tool in {*TOOLS, program} - ({"bash"} if program != "bash" else set()):
        found = shutil.which(name if tool == program and name != "hands" else tool)
        assert found, f"this machine has no {tool}"
        (tmp_path / tool).symlink_to(found)
    return name, tmp_path


def ask(asker: tuple[str, Path], address: str, expect: str = "") -> tuple[bool, str]:
    name, folder = asker
    program = host_program().text.decode().removesuffix('main "$@"\nexit\n')
    script = (
        f"set -- /nowhere none x\n{program}\n{'start_hands' if name == 'hands' else 'hands='}\n"
        f"check_ms=15000 statuses=200-399 _since=0 http='{address}' expect='{expect}' reason=''\n"
        'check_http; echo "$? $reason"\n'
    )
    done = subprocess.run(
        ["/bin/sh"],
        check=True,
        input=script,
        capture_output=True,
        text=True,
        timeout=20,
        env={"PATH": str(folder)},
    )
    code, _, reason = done.stdout.strip().partition(" ")
    return code == "0", reason


def says_bodies(asker: tuple[str, Path]) -> bool:
    """A wget keeps what comes with an error to itself."""
    return asker[0] not in ("wget", "busybox")


def test_what_a_bad_answer_said_is_said(asker: tuple[str, Path], address: str) -> None:
    well, why = ask(asker, f"{address}/pool")
    assert not well
    if says_bodies(asker):
        said = '{ "status": "down", "pool": "exhausted: 20 of 20" }'
        assert why == f"{address}/pool answered 503: {said}"
    else:
        assert why.startswith(f"{address}/pool gives no good answer: ")
    assert reason_of(why), why


@pytest.mark.parametrize("path", ["long", "control"])
def test_what_it_said_is_one_short_line_of_text(
    asker: tuple[str, Path], address: str, path: str
) -> None:
    well, why = ask(asker, f"{address}/{path}")
    assert (well, len(why) < 300, why.isprintable()) == (False, True, True)


def test_who_said_nothing_is_said_to(asker: tuple[str, Path], address: str) -> None:
    well, why = ask(asker, f"{address}/silent")
    assert not well
    if says_bodies(asker):
        assert why == f"{address}/silent answered 500 and said nothing"
    assert reason_of(why), why


def test_another_text_than_expected_is_quoted(asker: tuple[str, Path], address: str) -> None:
    well, why = ask(asker, f"{address}/well", expect="ready")
    said = f"{address}/well answered without the expected text ready: well"
    assert (well, why) == (False, said)
    assert ask(asker, f"{address}/pool", expect="exhausted")[0] is False
    assert ask(asker, f"{address}/well", expect="well") == (True, "")


def test_a_good_answer_is_one(asker: tuple[str, Path], address: str) -> None:
    assert ask(asker, f"{address}/well") == (True, "")
    assert ask(asker, f"{address}/moved") == (True, "")


def test_nobody_there_is_no_good_answer(asker: tuple[str, Path]) -> None:
    well, why = ask(asker, "http://127.0.0.1:1/")
    assert (well, bool(reason_of(why))) == (False, True)

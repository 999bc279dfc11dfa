"""What the hands do for a script: its output in bounds, its time, its words as they were."""

import ast
import os
import signal
import subprocess
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from slipway.adapters.ssh.requests.program import _as_variable
from slipway.adapters.ssh.requests.requests import _escaped
from slipway.host.hands import bodies
from slipway.host.hands.bodies import KEPT, MERCY, TOOK_TOO_LONG, Body, Output, begin, decoded

LATER = 1e9  # seconds


def heard(path: Path, *pieces: bytes) -> Output:
    """An output that has taken these pieces, one after the other."""
    reading, writing = os.pipe()
    output = Output(reading, bytes(path))
    for piece in pieces:
        os.write(writing, piece)
        assert output.take() == len(piece)
    os.close(writing)
    output.drain()
    assert output.is_over
    os.close(reading)
    return output


def body(*words: bytes, end: float = LATER) -> Body:
    child, pipe = begin(list(words), b"/", {b"PATH": os.environb[b"PATH"]})
    return Body(child, pipe, end)


def ended(one: Body) -> int:
    one.child.wait(10)
    os.close(one.pipe)
    return one.code()


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_words_arrive_as_they_were(text: str) -> None:
    assert decoded(_escaped(text).encode()) == text.encode()


def test_what_is_printed_is_kept(tmp_path: Path) -> None:
    heard(tmp_path / "log", b"one\n", b"two\n")
    assert (tmp_path / "log").read_bytes() == b"one\ntwo\n"


def test_nothing_printed_makes_no_file(tmp_path: Path) -> None:
    heard(tmp_path / "log")
    assert not list(tmp_path.iterdir())


def test_a_flood_keeps_its_end_in_three_files(tmp_path: Path) -> None:
    piece = 2**15
    heard(tmp_path / "log", *(bytes([n % 256]) * piece for n in range(5 * KEPT // piece)))
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    assert set(sizes) == {"log", "log.1", "log.2"}
    assert max(sizes.values()) <= KEPT
    assert (tmp_path / "log").read_bytes()[-1] == (5 * KEPT // piece - 1) % 256


def test_a_full_disk_stops_nobody(tmp_path: Path) -> None:
    assert heard(tmp_path / "missing" / "log", b"one\n", b"two\n").is_lost


def test_a_script_leads_a_group_of_its_own() -> None:
    one = body(b"sleep", b"100")
    assert os.getpgid(one.child.pid) == one.child.pid
    one.signal(signal.SIGKILL)
    assert ended(one) == 128 + signal.SIGKILL


def test_how_it_ended_is_said_as_a_shell_says_it() -> None:
    assert ended(body(b"sh", b"-c", b"exit 7")) == 7
    assert ended(body(b"sh", b"-c", b"kill -TERM $$")) == 128 + signal.SIGTERM


def test_one_that_takes_too_long_is_ended() -> None:
    one = body(b"sleep", b"100", end=50.0)
    one.hurry(49.9)
    assert one.child.poll() is None
    one.hurry(50.0)
    assert ended(one) == TOOK_TOO_LONG


def test_one_that_does_not_listen_is_killed_in_the_end() -> None:
    deaf = b'trap "" TERM; echo ready; while :; do sleep 100; done'
    one = body(b"sh", b"-c", deaf, end=50.0)
    os.set_blocking(one.pipe, True)
    assert os.read(one.pipe, 100) == b"ready\n"
    one.hurry(50.0)
    one.hurry(50.0 + MERCY - 0.1)
    assert one.child.poll() is None
    one.hurry(50.0 + MERCY)
    assert ended(one) == 128 + signal.SIGKILL


def test_it_is_plain_python_of_an_old_host() -> None:
    """No syntax that a Python of 3.6 does not know: it has none of ours to choose from."""
    for name in ("bodies", "hands"):
        text = Path(bodies.__file__).with_name(f"{name}.py").read_text()
        ast.parse(text, feature_version=(3, 6))


def test_what_is_sent_is_one_program() -> None:
    text = _as_variable("hands", "hands/bodies", "hands/hands")
    shown = subprocess.run(
        ["sh", "-c", f'{text}\nprintf %s "$hands_program"'], capture_output=True, check=True
    )
    compile(shown.stdout, "hands", "exec")
    assert b"from slipway" not in shown.stdout

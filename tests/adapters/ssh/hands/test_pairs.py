"""What the hands spare a program is what that program does: each of their verbs, in both ways."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from slipway.host.hands.hands import VERBS
from tests.adapters.ssh.hands.handed import alone

TESTS = Path(__file__).parents[1]
BOUND_TO_A_SHELL = ("pump", "drain", "start", "finish")
HELD_ELSEWHERE: Mapping[str, str] = {
    "ask": "test_health_words.py::test_what_a_bad_answer_said_is_said",
    "rights": "test_handed_folders.py::test_rights_are_those_that_find_names",
    "unchanged": "test_handed_folders.py::test_what_changed_is_seen",
    # With scripts that end, print and hang, on hosts of both kinds.
    "pump": "test_script_bounds.py::test_much_output_stays_bounded_and_keeps_its_end",
    "drain": "test_script_bounds.py::test_much_output_stays_bounded_and_keeps_its_end",
    "start": "test_script_bounds.py::test_what_left_the_process_group_is_ended_with_its_hook",
    "finish": "test_script_bounds.py::test_what_left_the_process_group_is_ended_with_its_hook",
}
PLACE = """
service='{folder}/root/billing' tickets='{folder}/tickets' in='{folder}/in'
home=$service/8080 releases=$service/releases
mkdir -p "$home/.new" "$releases/1.0" "$releases/1.1" "$tickets" "$in"
cd '{folder}'
"""
SCRIPTS: Mapping[str, str] = {
    "drop": 'touch "$in/a" "$in/b"; drop "$in/a" "$in/b" "$in/c"; echo $?; ls "$in"',
    "forget": 'touch "$tickets/t-1.result" "$tickets/t-1.log" "$tickets/t-10.result"\n'
    "printf 't-1\\nend\\n' | (forget); ls \"$tickets\"",
    "held": "held_port={port} addresses='' pids=''; find_listeners; echo \"$listeners\"\n"
    "addresses='7F000002'; find_listeners; echo \"$listeners\"\n"
    "addresses='' pids={pid}; find_listeners; echo \"$listeners\"",
    "holders": 'read_holders {inode}; echo "$holders"; read_holders 1; echo "$holders"',
    "link": "for version in 1.0 1.1; do\n"
    'echo "of $version" >"$home/.new/environment"; make_current; echo $?\n'
    'readlink "$home/current"; cat "$home/environment"; ls -A "$home/.new"\ndone',
    "marked": 'find_marked; echo "$pids $born $running"\n'
    'home=$home/none; find_marked; echo "$pids $born $running"',
    "open_to_others": "for mode in 755 775 777 1777; do\n"
    'mkdir "$in/$mode"; chmod "$mode" "$in/$mode"\n'
    'echo "$mode: $(guard_folders "$in/$mode" "$in/missing")"\ndone',
    "pause": 'read_uptime; began=$uptime; nap 50; read_uptime; echo "$((uptime - began >= 40))"',
    "rename": 'echo new >"$in/a"; echo old >"$in/b"; put_over "$in/a" "$in/b"; echo $?\n'
    'cat "$in/b"; put_over "$in/a" "$in/b" 2>/dev/null || echo no',
    "space": 'read_space /sys; echo "$space_free $inodes_free $space_total"\n'
    'read_space /nowhere/there; echo "$space_total"',
    "sync": 'step=hook; touch "$in/a"; secure "$in/a"; echo $?\n'
    'secure "$in/missing" 2>/dev/null || echo no',
}


def test_each_verb_of_the_hands_is_held_to_a_program() -> None:
    held = [*SCRIPTS, *HELD_ELSEWHERE]
    assert sorted(held) == sorted([*VERBS, *BOUND_TO_A_SHELL])
    for named in HELD_ELSEWHERE.values():
        file, _, name = named.partition("::")
        assert re.search(rf"(?m)^(async )?def {name}\(", next(TESTS.rglob(file)).read_text()), named


@pytest.fixture
def facts(tmp_path: Path) -> Iterator[Mapping[str, object]]:
    """A process of the instance, and a socket of ours."""
    home = tmp_path / "root/billing/8080"
    mark = {**os.environ, "SLIPWAY_RUNNING": f"{home}/1.0"}
    with socket.create_server(("127.0.0.1", 0)) as server:
        inode = os.fstat(server.fileno()).st_ino
        port = server.getsockname()[1]
        with subprocess.Popen(["sleep", "100"], env=mark) as process:
            yield {"port": port, "inode": inode, "pid": os.getpid(), "folder": tmp_path}
            process.kill()


@pytest.mark.parametrize("verb", sorted(SCRIPTS))
def test_both_do_and_say_the_same(verb: str, facts: Mapping[str, object]) -> None:
    begin = PLACE.format_map(facts)
    asked = SCRIPTS[verb]
    for name in ("port", "inode", "pid"):
        asked = asked.replace("{" + name + "}", str(facts[name]))
    by_hand, heard = both(f"{begin}{asked}\n", Path(f"{facts['folder']}"))
    by_program, nothing = both(f"hands=''\n{begin}{asked}\n", Path(f"{facts['folder']}"))
    assert by_hand == by_program != []
    assert (verb in heard, nothing) == (True, [])


def both(script: str, folder: Path) -> tuple[list[str], list[str]]:
    """Return what it printed, and which verbs the hands have done."""
    noted = folder / "noted"
    done = alone(f'hand() {{ ask_hands "$@" && echo "$1" >>\'{noted}\'; }}\n{script}')
    verbs = noted.read_text().split() if noted.exists() else []
    for each in folder.iterdir():
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink()
    return done, verbs

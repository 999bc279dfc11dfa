"""An import asks the programs of this machine what a file says, unless told not to, and tells what
is left out."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from slipway_cli.files import inventories as reading
from tests.cli.conftest import Run
from tests.cli.standin import Reply, Standin, said

REPORT: dict[str, Any] = {
    "added": ["web-1"],
    "changed": [],
    "skipped": [],
    "problems": [],
    "left_out": ["Line 3: ProxyJump is left out."],
    "hosts": [],
    "format": "ini",
    "encoding": "utf-8",
    "dry_run": False,
}
SSH = """Host web-1 w1
  HostName 10.0.0.1
  ProxyJump bastion
Host web-2
  User app
Include extra
Match exec "test -n x"
  Port 2200
"""
LIST = {
    "_meta": {
        "hostvars": {
            "web-1": {
                "ansible_host": "10.0.0.1",
                "ansible_password": "hunter2",
                "ansible_ssh_common_args": "-o ProxyCommand=hunter2",
                "ansible_port": {"__ansible_vault": "hunter2"},
                "colour": "hunter2",
            },
            "web-2": {"colour": "hunter2"},
        }
    },
    "web": {"hosts": ["web-1", "web-2"]},
}


@pytest.fixture
def imported(server: Standin, slipway: Run, tmp_path: Path) -> Any:
    """Import a file of some text; returns what the server was sent, and how it ended."""
    server.on("POST /hosts/import", REPORT)

    def run(name: str, text: str | bytes, *words: str) -> tuple[dict[str, Any], Any]:
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        ended = slipway("host", "import", str(file), *words)
        (asked,) = server.requests("POST /hosts/import")
        return asked.json, ended

    return run


def ansible(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put an ansible-inventory of our own before all others."""
    program = folder / "programs" / "ansible-inventory"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")


def test_ssh_is_asked_what_it_makes_of_each_host(
    imported: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    sent, ended = imported("config", SSH)
    assert (sent["format"], sent["filename"]) == ("ssh-g", "config")
    assert "user" in sent  # ssh logs in under the own name where a file names none
    blocks = sent["text"].split("host ")[1:]
    assert [block.splitlines()[0] for block in blocks] == ["web-1", "w1", "web-2"]
    assert set(blocks[0].splitlines()[1:]) == {
        "hostname 10.0.0.1",
        "port 2200",
        "proxyjump bastion",
    }
    assert "user app" in blocks[2]
    assert said(["As ssh on this machine says.", "Note: Line 3: ProxyJump"], ended.err)


def test_with_no_ask_nothing_of_a_file_is_run(imported: Any, tmp_path: Path) -> None:
    mark = tmp_path / "it-ran"
    sent, _ended = imported("config", f"Host a\nMatch exec 'touch {mark}'\n", "--no-ask")
    assert not mark.exists()
    assert "format" not in sent


def test_what_ssh_cannot_read_is_left_to_the_server(imported: Any) -> None:
    sent, ended = imported("config", "Host a\n  Nonsense 1\n")
    assert sent["text"] == "Host a\n  Nonsense 1\n"
    assert said(["ssh cannot read it", "Slipway's own reader does."], ended.err)


def test_a_user_that_is_named_on_the_line_is_the_one(imported: Any) -> None:
    assert imported("config", "Host a\n", "--user", "deploy")[0]["user"] == "deploy"


def test_ansible_is_asked_and_no_secret_is_sent(
    imported: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ansible(tmp_path, monkeypatch, f"cat <<'X'\n{json.dumps(LIST)}\nX")
    sent, ended = imported("hosts.ini", "web-1\n")
    assert sent["format"] == "ansible-inventory"
    assert "hunter2" not in sent["text"]
    own = json.loads(sent["text"])["_meta"]["hostvars"]
    assert own["web-1"]["ansible_host"] == "10.0.0.1"
    assert {"ansible_password", "ansible_ssh_common_args", "colour"} < own["web-1"].keys()
    assert own["web-2"] == {}  # the name of a variable is enough once
    assert "As ansible-inventory on this machine says." in ended.err


def test_whether_ways_are_the_same_is_sent_and_not_what_they_are(
    imported: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways: dict[str, object] = {
        "a": "-J hunter2",
        "b": "-J hunter2",
        "c": "-J hunter3",
        "d": "-o ProxyJump={{ hunter }}",
        "e": "-o ProxyJump={{ hunter }}",
        "f": {"__ansible_vault": "hunter2"},
        "g": {"__ansible_vault": "hunter2"},
        "h": "-o ControlMaster=no",
    }
    own = {name: {"ansible_ssh_common_args": way} for name, way in ways.items()}
    listed = {"_meta": {"hostvars": own}, "all": {"hosts": list(own)}}
    ansible(tmp_path, monkeypatch, f"cat <<'X'\n{json.dumps(listed)}\nX")
    text = imported("hosts.ini", "a\n")[0]["text"]
    sent = {
        name: said["ansible_ssh_common_args"]
        for name, said in json.loads(text)["_meta"]["hostvars"].items()
    }
    assert "hunter" not in text
    assert sent["a"] == sent["b"]
    assert len({sent[name] for name in "acdefg"}) == 6
    assert [name for name, way in sent.items() if not way.startswith("-J ")] == ["h"]


def test_a_folder_is_what_ansible_says_of_it(
    imported: Any, server: Standin, slipway: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "production").mkdir()
    wish = ("host", "import", str(tmp_path / "production"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert slipway(*wish).code == 2
    ansible(tmp_path, monkeypatch, f"cat <<'X'\n{json.dumps(LIST)}\nX")
    assert slipway(*wish).code == 0
    (asked,) = server.requests("POST /hosts/import")
    assert asked.json["filename"] == "production"


@pytest.mark.parametrize("script", ["echo '[ERROR]: broken' >&2; exit 4", "echo nonsense"])
def test_what_ansible_cannot_read_is_left_to_the_server(
    imported: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    ansible(tmp_path, monkeypatch, script)
    (tmp_path / "group_vars").mkdir()
    sent, ended = imported("hosts.ini", "web-1\n")
    assert sent["text"] == "web-1\n"
    assert said(["ansible-inventory cannot read it", "group_vars beside the file"], ended.err)


def test_bytes_that_are_no_utf_8_are_sent_as_they_are(imported: Any) -> None:
    table = "name,备注\nweb-1,一\n".encode("gbk")
    sent, ended = imported("hosts.csv", table, "--encoding", "gbk", "--format", "csv")
    assert base64.b64decode(sent["content"]) == table
    assert (sent["encoding"], sent["format"]) == ("gbk", "csv")
    assert "Read as ini in utf-8." in ended.err


def test_a_dry_run_shows_a_table_and_learns_no_key(
    server: Standin, slipway: Run, tmp_path: Path
) -> None:
    host = {"action": "add", "name": "web-1", "address": "10.0.0.1", "port": 22, "user": "app"}
    server.on("POST /hosts/import", {**REPORT, "dry_run": True, "hosts": [host]})
    (tmp_path / "hosts.csv").write_text("name\nweb-1\n")
    words = ("--sudo", "--root", "/srv/x", "--label", "rack=a", "--update", "--accept-key")
    ended = slipway("host", "import", str(tmp_path / "hosts.csv"), "--dry-run", *words)
    assert ended.code == 0
    (asked,) = server.asked
    assert asked.json == {
        "text": "name\nweb-1\n",
        "filename": "hosts.csv",
        "root": "/srv/x",
        "become": "sudo",
        "labels": {"rack": "a"},
        "update": True,
        "dry_run": True,
    }
    assert said(["add", "web-1", "app@10.0.0.1:22"], ended.out)
    assert "That is what would be done: nothing was." in ended.err


@pytest.mark.parametrize(("ok", "code"), [(True, 0), (False, 1)])
def test_accept_key_reaches_the_hosts_that_were_added(
    server: Standin,
    slipway: Run,
    tmp_path: Path,
    ok: bool,
    code: int,
) -> None:
    item = {"host": "web-1", "finished": True, "ok": ok, "message": "No.", "hint": ""}
    server.on("POST /hosts/import", REPORT)
    server.on("POST /checks", Reply({"id": "x"}, 202))
    server.on("GET /checks/x", {"id": "x", "finished": True, "items": [item]})
    (tmp_path / "hosts.csv").write_text("name\nweb-1\n")
    assert slipway("host", "import", str(tmp_path / "hosts.csv"), "--accept-key").code == code
    (asked,) = server.requests("POST /checks")
    assert asked.json == {"hosts": ["web-1"], "learn_key": True}


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("config", "Host a\n", "ssh"),
        ("config", "host=a\n", "ssh"),
        ("config", "# x\nUser u\nMatch all\n", "ssh"),
        ("hosts", "[web]\na\n", "ansible"),
        ("hosts.yml", "all:\n", "ansible"),
        ("hosts", "name,address\nhost x,1\n", ""),
        ("hosts", "host;ip\nhost a;1\n", ""),
        ("hosts.csv", "[web]\n", ""),
        ("said.json", '{"_meta": {}}', ""),
        ("hosts", "\ufeffn\0a\0", ""),
    ],
)
def test_whose_file_it_is(name: str, text: str, kind: str) -> None:
    assert reading._kind(Path(name), text.encode(), "") == kind

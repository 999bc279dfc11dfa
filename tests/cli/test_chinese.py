"""Whoever reads Chinese is told all of it in Chinese; programs read English."""

from typing import Any

import pytest

from slipway_cli.language import told, understood
from slipway_cli.printed.progress import ProgressBar
from slipway_cli.printed.render import Column, in_words, table, width
from tests.cli.conftest import Run
from tests.cli.reading import reading_chinese
from tests.cli.standin import Asked, Reply, Standin, cell, rollout

PROBLEM, HINT = "It did not become healthy.", "Read the log of the step."
IN_CHINESE = {
    PROBLEM: "它未能通过健康检查。",
    HINT: "请查看该步骤的日志。",
    "Halted: 1 failed.": "已停止：失败 1 台。",
    "There is no room.": "没有余量。",
}


def failed() -> dict[str, Any]:
    target = cell(1, "failed", step="probe", cause="version", problem=PROBLEM, hint=HINT)
    return rollout(
        state="halted",
        end="halted and taken back",
        outcome="Halted: 1 failed.",
        targets=[target, cell(2, "left_out")],
    )


def speaks(document: dict[str, Any], status: int = 200) -> Any:
    """A server that says it in Chinese beside, to whoever asks for that."""

    def answer(asked: Asked) -> Reply:
        beside = {"told": IN_CHINESE} if asked.headers.get("accept-language") == "zh-Hans" else {}
        return Reply({**beside, **document}, status)

    return answer


def test_a_rollout_is_shown_in_chinese(server: Standin, slipway: Run, chinese: None) -> None:
    server.on("GET /rollouts/7", speaks(failed()))
    ended = slipway("rollout", "show", "7")
    assert ended.err == (
        "发布 7：在 prod 升级 billing 到 1.1，2 台主机。\n"
        "发布 7 已停止并回滚：失败 1 台。\n"
        "1 台主机失败，1 台已跳过。\n"
        "web-1:8080 在“健康检查”步骤失败（版本）：它未能通过健康检查。请查看该步骤的日志。\n"
        "web-2:8080 已跳过。\n"
    )
    heading, first, _second = ended.out.splitlines()
    assert heading.split()[:7] == ["批次", "主机", "端口", "来自", "到", "状态", "原因归属"]
    assert first.split() == ["1", "web-1", "8080", "失败", "版本", "健康检查"]
    assert width(heading.partition("状态")[0]) == width(first.partition("失败")[0])


def test_in_english_it_is_what_it_was(server: Standin, slipway: Run) -> None:
    server.on("GET /rollouts/7", speaks(failed()))
    ended = slipway("rollout", "show", "7")
    assert "Rollout 7 halted and taken back: 1 failed.\n" in ended.err
    assert f"web-1:8080 failed at probe (version): {PROBLEM} {HINT}\n" in ended.err
    assert "left_out" in ended.out


DRIVER = {"worker": "app-1 (4711)", "heard_at": "2026-11-23T10:16:00Z", "alive": True}


@pytest.mark.parametrize(
    ("driver", "english", "chinese_words"),
    [
        ({"since": None}, "Worker app-1 (4711) drives it.\n", "由工作进程 app-1 (4711) 推进。\n"),
        (
            {"since": "2026-11-23T10:15:02Z"},
            "Worker app-1 (4711) drives it since 2026-11-23 ",
            "起由工作进程 app-1 (4711) 推进。\n",
        ),
        (
            {"since": None, "alive": False},
            "Nobody drives it now: worker app-1 (4711) was last heard of at 2026-11-23 ",
            "目前没有工作进程在推进",
        ),
    ],
)
def test_who_drives_a_rollout_is_shown(
    server: Standin,
    slipway: Run,
    monkeypatch: pytest.MonkeyPatch,
    driver: dict[str, Any],
    english: str,
    chinese_words: str,
) -> None:
    server.on("GET /rollouts/7", speaks(rollout(driver={**DRIVER, **driver}, targets=[])))
    assert english in slipway("rollout", "show", "7").err
    with reading_chinese():
        assert chinese_words in slipway("rollout", "show", "7").err


def test_how_long_a_rollout_still_takes_is_shown(server: Standin, slipway: Run) -> None:
    left = {"seconds": 187, "waits": 2, "earlier": 4}
    server.on("GET /rollouts/7", speaks(rollout(time_left=left, targets=[])))
    said = "About 3 min 10 s left, as earlier rollouts took here (4); waits for a person besides: 2"
    assert said in slipway("rollout", "show", "7").err
    with reading_chinese():
        assert "以往 4 次发布的用时" in slipway("rollout", "show", "7").err
    server.on("GET /rollouts/7", speaks(rollout(time_left=None, targets=[])))
    assert "left" not in slipway("rollout", "show", "7").err


REFUSED = {"code": "locked", "message": PROBLEM, "hint": HINT, "values": {}}


@pytest.mark.parametrize(
    "words",
    [
        ["rollout", "show", "7"],
        ["rollout", "watch", "7"],
        ["rollout", "list"],
        ["rollout", "show", "8"],
        ["rollout", "show", "x"],
        ["rollot"],
        ["doctor"],
        ["version", "show", "billing", "1.0"],
    ],
)
def test_what_programs_read_is_the_same_in_both_languages(
    words: list[str], server: Standin, slipway: Run
) -> None:
    server.on("GET /rollouts/7", speaks(failed()))
    server.on("GET /rollouts/7/events", speaks({}))
    server.on("GET /rollouts/7/log", speaks({"items": [], "next": 0}))
    server.on("GET /rollouts/8", speaks(REFUSED, 409))
    server.on("GET /rollouts", speaks({"items": [failed()], "total": 1}))
    server.on("GET /doctor", speaks({"items": [{"ok": False, **REFUSED}]}))
    server.on("GET /services/billing/versions/1.0", speaks(REFUSED, 404))
    english = slipway("-o", "json", *words)
    with reading_chinese():
        chinese = slipway("-o", "json", *words)
    assert english.out
    assert (chinese.code, chinese.out) == (english.code, english.out)


def test_a_refusal_is_told_in_chinese(server: Standin, slipway: Run, chinese: None) -> None:
    server.on("GET /rollouts/8", speaks(REFUSED, 409))
    ended = slipway("rollout", "show", "8")
    assert ended.code == 2
    assert ended.err == f"{IN_CHINESE[PROBLEM]}\n{IN_CHINESE[HINT]}\n"


def test_the_doctor_speaks_chinese(server: Standin, slipway: Run, chinese: None) -> None:
    server.on("GET /doctor", speaks({"items": [{"ok": False, **REFUSED}]}))
    ended = slipway("doctor")
    assert IN_CHINESE[PROBLEM] in ended.out
    assert ended.err == "1 项检查中有 1 项发现问题。\n"
    assert "否" in ended.out


def test_a_server_of_before_is_understood(server: Standin, slipway: Run, chinese: None) -> None:
    server.on("GET /rollouts/8", Reply(REFUSED, 409))
    assert slipway("rollout", "show", "8").err == f"{PROBLEM}\n{HINT}\n"


@pytest.mark.parametrize("beside", [None, [], "x", {PROBLEM: 3}, {PROBLEM: None}])
def test_what_cannot_be_meant_beside_an_answer_is_let_be(beside: object, chinese: None) -> None:
    document = understood({"told": beside, "message": PROBLEM})
    assert document == {"message": PROBLEM}
    assert told(document["message"]) == PROBLEM


def test_only_who_reads_chinese_asks_for_it(server: Standin, slipway: Run) -> None:
    server.lists("GET /services")
    slipway("service", "list")
    with reading_chinese():
        slipway("service", "list")
    asked = [each.headers.get("accept-language") for each in server.requests("GET /services")]
    assert asked == [None, "zh-Hans"]


def test_what_came_in_another_language_cannot_steer_a_terminal(
    server: Standin, slipway: Run, chinese: None
) -> None:
    hostile = {"told": {PROBLEM: "中\x1b[31m文\n\x07"}, "items": [{"ok": False, **REFUSED}]}
    server.on("GET /doctor", hostile)
    ended = slipway("doctor")
    assert "中文" in ended.out
    assert "\x1b" not in ended.out + ended.err


def test_a_table_lines_up_in_chinese(chinese: None) -> None:
    columns = (
        Column("host", "host"),
        Column("state", in_words("state", "state")),
        Column("step", "step"),
    )
    rows = [
        {"host": "a", "state": "left_out", "step": "x"},
        {"host": "支付-1", "state": "failed", "step": "x"},
    ]
    heading, *lines = table(rows, columns)
    assert heading.split() == ["主机", "状态", "步骤"]
    places = {width(line.rpartition("x")[0]) for line in lines}
    assert places == {width(heading.partition("步骤")[0])}
    assert table(rows, columns, colour=True)[2].split()[1] == "\x1b[31m失败\x1b[0m"


def test_fields_line_up_in_chinese(server: Standin, slipway: Run, chinese: None) -> None:
    server.on("GET /hosts/web-1", {"name": "web-1", "state": "ok", "facts": {"a": True}})
    lines = slipway("host", "show", "web-1").out.splitlines()
    shown = [line for line in lines if line.split()[-1] in ("web-1", "可连接", "a=是")]
    assert len(shown) == 3
    (indent,) = {width(line) - width(line.split()[-1]) for line in shown}
    assert indent == 2 + max(width(line) for line in lines if line not in shown)
    assert any(line.split() == ["状态", "可连接"] for line in lines)
    assert any(line.split() == ["信息", "a=是"] for line in lines)


def test_a_question_is_asked_in_chinese_and_answered_with_the_same_keys(
    server: Standin, slipway: Run, chinese: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.on("DELETE /tokens/abcd", {})
    monkeypatch.setattr("slipway_cli.session.somebody_is_here", lambda: True)
    for key, words in (("y\n", "令牌 abcd 已吊销。"), ("\n", "没有做任何操作。")):
        monkeypatch.setattr("sys.stdin.readline", lambda key=key: key)
        ended = slipway("token", "revoke", "abcd")
        assert ended.err.startswith("吊销令牌 abcd？ [y/N] ")
        assert words in ended.err


def test_progress_is_told_in_chinese(
    chinese: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    bar = ProgressBar(2_000_000)
    bar(2_000_000)
    shown = capsys.readouterr().err
    assert "100%  2.0 MB / 2.0 MB" in shown


def test_a_verb_of_the_audit_is_shown_with_its_words(server: Standin, slipway: Run) -> None:
    event = {"id": 1, "verb": "lock.taken", "what": PROBLEM, "thing_name": "billing"}
    server.on("GET /audit", speaks({"items": [event], "next": None}))
    assert slipway("audit", "list").out.split()[-2:] == ["lock.taken", "billing"]
    with reading_chinese():
        shown = slipway("audit", "list").out
    assert f"{IN_CHINESE[PROBLEM]} (lock.taken)" in shown

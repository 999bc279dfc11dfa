"""Every text of the command line is known in Chinese, help and mistakes included."""

import os
import re
import string
import subprocess
import sys
from pathlib import Path

import pytest

from slipway_cli.arguments.mistakes import MISTAKES, recognised, wrapped
from slipway_cli.arguments.values import duration
from slipway_cli.language import Text, _, joined, settle, told
from slipway_cli.printed.render import width
from tests.chinese import english_in
from tests.cli import catalogue
from tests.cli.conftest import Run
from tests.cli.standin import Standin
from tests.cli.test_docs import COMMANDS

ROOT = Path(__file__).parent.parent.parent
SENTENCES: dict[str, str] = catalogue.chinese()["sentences"]


def test_every_text_is_in_the_catalogue_and_no_other() -> None:
    assert catalogue.texts() == set(SENTENCES)


def test_no_sentence_stands_in_the_code_that_is_not_looked_up() -> None:
    assert catalogue.unmarked() == []


def test_every_text_is_chinese_with_the_same_places() -> None:
    for english, chinese in SENTENCES.items():
        assert _places(english) == _places(chinese), english
        assert english_in(_without_places(chinese)) == [], english


def _places(text: str) -> set[str | None]:
    return {name for _text, name, *_rest in string.Formatter().parse(text)} - {None}


def _without_places(text: str) -> str:
    return "".join(piece for piece, *_rest in string.Formatter().parse(text)).replace(
        "pip install", ""
    )


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_help_is_chinese(command: str, slipway: Run, chinese: None) -> None:
    ended = slipway(*command.split(), "--help")
    assert ended.code == 0
    # An example is typed as it stands, in every language.
    said = re.sub(r"(?m)^    slipway .*$", "", ended.out.partition("\n\n")[2])
    assert english_in(said) == []
    assert all(width(line) <= 100 for line in ended.out.splitlines())


def test_the_list_of_commands_is_chinese(slipway: Run, chinese: None) -> None:
    for words in ([], ["rollout"]):
        assert english_in(slipway(*words).out) == []


def test_a_help_goes_on_under_its_beginning(chinese: None) -> None:
    first, second = wrapped("连接主机、核对主机密钥并收集信息；有主机不正常时退出码为 1。", 34)
    assert (first, second) == ("连接主机、核对主机密钥并收集信息；", "有主机不正常时退出码为 1。")
    assert wrapped("一二三，四", 6) == ["一二三，", "四"]  # no line begins with a comma


@pytest.mark.parametrize(
    ("variables", "is_chinese"),
    [
        ({"SLIPWAY_LANG": "zh"}, True),
        ({"SLIPWAY_LANG": "zh-Hans"}, True),
        ({"LC_ALL": "zh_CN.UTF-8"}, True),
        ({"LC_MESSAGES": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, True),
        ({"LANG": "zh_SG.UTF-8"}, True),
        ({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, False),
        ({"SLIPWAY_LANG": "en", "LANG": "zh_CN.UTF-8"}, False),
        ({"SLIPWAY_LANG": "xx"}, False),
        ({"SLIPWAY_LANG": "../zh"}, False),
        ({"LANG": "zho_CN"}, False),
        ({"LANG": ""}, False),
        ({}, False),
    ],
)
def test_the_environment_says_which_language(
    variables: dict[str, str], is_chinese: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settle()
    assert (told(_("yes")) == "是") is is_chinese


@pytest.mark.parametrize(
    ("encoding", "word"),
    [("utf-8", "缺少"), ("gb18030", "缺少"), ("ascii", "required"), ("latin-1", "required")],
)
def test_what_the_terminal_cannot_show_is_english(encoding: str, word: str) -> None:
    environment = {**os.environ, "SLIPWAY_LANG": "zh_CN", "PYTHONIOENCODING": encoding}
    ended = subprocess.run(
        [sys.executable, "-m", "slipway_cli", "deploy"],
        capture_output=True,
        env=environment,
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert word in ended.stderr.decode(encoding)


@pytest.mark.parametrize("text", [template for template in MISTAKES])
def test_each_mistake_on_a_line_is_recognised(text: str, chinese: None) -> None:
    places = {str(name): name for name in _places(text)}
    said = recognised(text.format_map(places))
    assert said == text.format_map(places)
    assert told(said) == SENTENCES[text].format_map(places)


def test_a_mistake_that_nobody_knows_is_said_as_it_is(chinese: None) -> None:
    assert told(recognised("something new")) == "something new"


@pytest.mark.parametrize(
    "words",
    [
        ["lock", "set"],
        ["host", "add", "a", "--port", "x", "--env", "e", "--address", "a"],
        ["host", "add", "a", "--port", "0", "--env", "e", "--address", "a"],
        ["host", "add", "a", "--port", "99999", "--env", "e", "--address", "a"],
        ["host", "add", "a", "--port"],
        ["host", "list", "--no-such"],
        ["-o", "yaml", "host", "list"],
        ["host", "list", "-o", "yaml"],
        ["host", "list", "--env"],
        ["rollout", "watch"],
        ["version", "list", "a", "--yes=3"],
        ["rollout", "cancel", "7", "--yes"],
        ["host", "nothing"],
    ],
)
def test_mistakes_of_the_line_are_told_in_chinese(
    words: list[str], slipway: Run, server: Standin, chinese: None
) -> None:
    ended = slipway(*words)
    assert ended.code == 2
    assert english_in(ended.err) == []


def test_texts_fill_their_places_in_both_languages(chinese: None) -> None:
    said = _("{what}: {why}", what=_("Rollout {number}", number=7), why=Text("a", "甲"))
    assert (said, told(said)) == ("Rollout 7: a", "发布 7：甲")
    assert told(joined([Text("A.", "甲。"), "", Text("B.", "乙。"), "C"])) == "甲。乙。C"
    assert told(duration(75)) == "1 分 15 秒"
    assert duration(75) == "1 min 15 s"


def test_braces_of_others_are_no_places(chinese: None) -> None:
    said = _("{host}: {text}", host="{0}", text="{nobody} %s")
    assert told(said) == "{0}：{nobody} %s"

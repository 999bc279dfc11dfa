"""docs/api.md, made of the OpenAPI document: `python -m tests.api_page` writes it anew.

The one in Chinese has the same requests: what each does is kept from the one before, and a new one
stands there in English until somebody says it in Chinese.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs" / "api.md"
IN_CHINESE = PAGE.parent / "zh" / PAGE.name
HEAD = """\
# The API

Every request of the REST API. Bodies, answers and refusals are in the OpenAPI document that a
server has at `/api/v1/openapi.json`. `python -m tests.api_page` writes this page; a test holds it.

A list tells its `items`, their `total`, and comes in parts of `limit` from `offset` on. Those that
grow (services, versions, hosts, rollouts) say with `next` how they go on: sent as `after`, it leads
to the rows that follow, whatever came or went meanwhile; where it is empty, there are none.
"""
CHINESE_HEAD = """\
# API

REST API 的每一个请求。请求体、答复和拒绝写在 OpenAPI 文档里，服务器上的地址是
`/api/v1/openapi.json`。本页由 `python -m tests.api_page` 写出；有测试让它保持一致。

列表给出 `items` 和它们的 `total`，并按 `limit` 从 `offset` 起分段给出。
会不断增长的（服务、版本、主机、发布）用 `next` 说明怎样接着看：作为 `after` 送回，就到后面的行，
不论其间来了什么、走了什么；为空就没有了。
"""
CHINESE_PARTS = {
    "Access": "登录与身份",
    "People": "人员",
    "Tokens": "令牌",
    "Environments": "环境",
    "Keys": "密钥",
    "Hosts": "主机",
    "Checks": "检查",
    "Services": "服务",
    "Versions": "版本",
    "Builds": "构建",
    "Build servers": "构建服务器",
    "Instances": "实例",
    "Rollouts": "发布",
    "Release rules": "发布规则",
    "Retention": "程序包清理",
    "Locks": "锁定",
    "Audit": "审计",
    "Needs": "需要您处理的",
    "Doctor": "系统检查",
}
_ENGLISH_ROW, _CHINESE_ROW = "| request | does |", "| 请求 | 作用 |"


def page(document: dict[str, Any]) -> str:
    return "\n".join([HEAD.rstrip(), *_parts(document["paths"]), ""])


def page_in_chinese(english: str, known: Mapping[str, str]) -> str:
    """Return what `english` is in Chinese, where `known` has what its requests do."""
    lines = [CHINESE_HEAD.rstrip()]
    for line in english.removeprefix(HEAD.rstrip()).splitlines()[1:]:
        if line.startswith("## "):
            part = line.removeprefix("## ")
            lines.append(f"## {CHINESE_PARTS.get(part, part)}")
        elif line == _ENGLISH_ROW:
            lines.append(_CHINESE_ROW)
        else:
            request, _, does = line.strip("| ").partition(" | ")
            lines.append(f"| {request} | {known.get(request, does)} |" if does else line)
    return "\n".join([*lines, ""])


def told_in(page: str) -> dict[str, str]:
    """What each request does, as a page says it."""
    rows = (line.strip("| ").partition(" | ") for line in page.splitlines() if line[:3] == "| `")
    return {request: does for request, _, does in rows}


def _parts(paths: dict[str, dict[str, dict[str, Any]]]) -> Iterator[str]:
    operations = [
        (operation["tags"][0], f"`{method.upper()} {path}`", operation["description"])
        for path, methods in paths.items()
        for method, operation in methods.items()
    ]
    for part in dict.fromkeys(tag for tag, _, _ in operations):
        yield from ("", f"## {part.capitalize()}", "", _ENGLISH_ROW, "|---|---|")
        for tag, request, does in operations:
            if tag == part:
                yield f"| {request} | {' '.join(does.split()).replace('|', chr(92) + '|')} |"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "slipway.project.settings")
    import django  # noqa: PLC0415

    django.setup()
    from slipway.interfaces.api import build_api  # noqa: PLC0415

    english = page(build_api().get_openapi_schema(path_prefix="/api/v1/"))
    PAGE.write_text(english)
    IN_CHINESE.write_text(page_in_chinese(english, told_in(IN_CHINESE.read_text())))


if __name__ == "__main__":
    main()

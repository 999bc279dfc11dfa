"""docs/api.md, made of the OpenAPI document: `python -m tests.api_page` writes it anew."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs" / "api.md"
HEAD = """\
# The API

Every request of the REST API. Bodies, answers and refusals are in the OpenAPI document that a
server has at `/api/v1/openapi.json`. `python -m tests.api_page` writes this page; a test holds it.

A list tells its `items`, their `total`, and comes in parts of `limit` from `offset` on. Those that
grow (services, versions, hosts, rollouts) say with `next` how they go on: sent as `after`, it leads
to the rows that follow, whatever came or went meanwhile; where it is empty, there are none.
"""


def page(document: dict[str, Any]) -> str:
    return "\n".join([HEAD.rstrip(), *_parts(document["paths"]), ""])


def _parts(paths: dict[str, dict[str, dict[str, Any]]]) -> Iterator[str]:
    operations = [
        (operation["tags"][0], f"`{method.upper()} {path}`", operation["description"])
        for path, methods in paths.items()
        for method, operation in methods.items()
    ]
    for part in dict.fromkeys(tag for tag, _, _ in operations):
        yield from ("", f"## {part.capitalize()}", "", "| request | does |", "|---|---|")
        for tag, request, does in operations:
            if tag == part:
                yield f"| {request} | {' '.join(does.split()).replace('|', chr(92) + '|')} |"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "slipway.project.settings")
    import django  # noqa: PLC0415

    django.setup()
    from slipway.interfaces.api import build_api  # noqa: PLC0415

    PAGE.write_text(page(build_api().get_openapi_schema(path_prefix="/api/v1/")))


if __name__ == "__main__":
    main()

"""Static files, as the application itself serves them."""

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpResponse
from django.test import RequestFactory

from slipway.project.asgi import StaticFiles
from tests.interfaces.server import asking

NAME = "web/app.js"


def on_disk() -> bytes:
    return Path(str(finders.find(NAME))).read_bytes()


async def test_a_file_comes_whole_with_what_a_browser_needs_to_keep_it() -> None:
    async with asking("GET", f"/static/{NAME}", {}) as answer:
        assert answer.status == 200
        assert await answer.body() == on_disk()
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["content-length"] == str(len(on_disk()))
    kept = {"If-Modified-Since": answer.headers["last-modified"]}
    async with asking("GET", f"/static/{NAME}", kept) as answer:
        assert answer.status == 304
        assert await answer.body() == b""


@pytest.mark.parametrize("path", ["web/none.js", "../project/asgi.py", "/etc/passwd"])
async def test_what_is_no_static_file_is_not_there(path: str) -> None:
    async with asking("GET", f"/static/{path}", {}) as answer:
        assert answer.status == 404


def test_no_file_stays_open_while_its_answer_waits() -> None:
    """Django drops an answer whose reader has hung up before it began, and closes nothing."""
    request = RequestFactory().get(f"/static/{NAME}")
    answer = StaticFiles(ASGIHandler()).serve(request)
    assert isinstance(answer, HttpResponse)
    assert answer.content == on_disk()

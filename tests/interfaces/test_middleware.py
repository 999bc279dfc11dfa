"""A middleware is written once: whoever answers at once, or later, passes through the same."""

import asyncio
from typing import cast

import pytest
from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory

from slipway.interfaces.middleware import Answer, Around, middleware

PATHS: list[str] = []


@middleware
def noting(request: HttpRequest) -> Around:
    if request.path == "/refused":
        return HttpResponse("refused")
    PATHS.append(f"in {request.path}")
    try:
        given = yield
    finally:
        PATHS.append(f"out {request.path}")
    given.headers["Seen"] = "yes"
    return given


def at_once(request: HttpRequest) -> HttpResponseBase:
    if request.path == "/broken":
        raise ValueError("broken")
    return HttpResponse("fine")


async def in_time(request: HttpRequest) -> HttpResponseBase:
    await asyncio.sleep(0)
    return at_once(request)


@pytest.fixture(params=[at_once, in_time])
def answer(request: pytest.FixtureRequest) -> Answer:
    PATHS.clear()
    return cast("Answer", request.param)


def asked(answer: Answer, path: str) -> HttpResponse:
    made = noting(answer)
    assert iscoroutinefunction(made) == iscoroutinefunction(answer)
    given = made(RequestFactory().get(path))
    if asyncio.iscoroutine(given):
        given = asyncio.run(given)
    return cast("HttpResponse", given)


def test_it_is_around_the_answer(answer: Answer) -> None:
    given = asked(answer, "/fine")
    assert (given.content, given.headers["Seen"]) == (b"fine", "yes")
    assert PATHS == ["in /fine", "out /fine"]


def test_it_may_answer_itself(answer: Answer) -> None:
    assert asked(answer, "/refused").content == b"refused"
    assert PATHS == []


def test_it_is_left_where_the_answer_fails(answer: Answer) -> None:
    with pytest.raises(ValueError, match="broken"):
        asked(answer, "/broken")
    assert PATHS == ["in /broken", "out /broken"]

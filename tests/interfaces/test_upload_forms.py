"""A package that comes by a form, through the real application, from whoever may upload it."""

from asgiref.sync import sync_to_async
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory

from slipway.interfaces import doors
from slipway.records.catalog.models import Version
from tests.interfaces.archives import package
from tests.interfaces.conftest import make_company
from tests.interfaces.people import person
from tests.interfaces.server import asking

BOUNDARY = "a-boundary"


def _signed_in(service: str) -> dict[str, str]:
    make_company()
    client = Client()
    client.force_login(person("ursula", ("uploader", service, "")).user)
    request = RequestFactory().get("/")
    token = get_token(request)
    cookie = (
        f"sessionid={client.cookies['sessionid'].value}; csrftoken={request.META['CSRF_COOKIE']}"
    )
    return {"Cookie": cookie, "token": token}


def _form(token: str) -> bytes:
    fields = {"csrfmiddlewaretoken": token, "version": "2.0"}
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, text in fields.items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="b.tar.gz"\r\n'
    kind = "Content-Type: application/gzip\r\n\r\n"
    return b"".join([*parts, (head + kind).encode(), package(), f"\r\n--{BOUNDARY}--\r\n".encode()])


async def _send(headers: dict[str, str]) -> int:
    body = _form(headers["token"])
    sent = {
        "Cookie": headers["Cookie"],
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Length": str(len(body)),
    }
    async with asking("POST", "/services/billing/versions/-/new", sent, [body]) as answer:
        return answer.status


async def test_who_uploads_one_service_sends_a_form_there(
    transactional_db: None, packages: object
) -> None:
    assert await _send(await sync_to_async(_signed_in)("billing")) == 302
    assert await Version.objects.filter(name="2.0", service__name="billing").aexists()


async def test_who_uploads_another_does_not(transactional_db: None, packages: object) -> None:
    assert await _send(await sync_to_async(_signed_in)("shop")) in (403, 404)
    assert not await Version.objects.aexists()


def test_a_form_needs_more_room_than_a_body(packages: object) -> None:
    free = doors.free_bytes()
    assert doors.has_room(free // 2)
    assert not doors.has_room(free // 2, by_form=True)
    assert doors.has_room(free // 3 - 1, by_form=True)

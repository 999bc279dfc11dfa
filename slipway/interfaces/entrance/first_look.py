"""Whether somebody may send a large body at all: looked at before its first byte is read."""

import io
from typing import Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.asgi import ASGIRequest
from django.db import Error as DatabaseTrouble
from django.db import connections
from django.http import HttpResponse

from slipway.core.words.roles import Action
from slipway.interfaces import doors
from slipway.interfaces.entrance.admission import admitted, is_forged
from slipway.interfaces.entrance.bodies import announced_of
from slipway.interfaces.entrance.gate import upload_of


async def may_send(scope: dict[str, Any]) -> bool:
    """Return whether it is known who sends this ASGI scope, and whether an upload would be taken,
    by who sends it and by what it announces. Where not, the usual way says why, without having read
    it.

    The usual way asks again, once all has come: by then a token may have been revoked.
    """
    async with ThreadSensitiveContext():
        return await sync_to_async(_may_send)(scope)


def _may_send(scope: dict[str, Any]) -> bool:
    try:
        request = ASGIRequest(scope, io.BytesIO())
        for middleware in (SessionMiddleware, AuthenticationMiddleware):
            middleware(lambda _: HttpResponse()).process_request(request)
        actor = admitted(request)
        if actor is None or is_forged(request):
            return False
        upload = upload_of(scope)
        if upload is None:
            return True
        service, by_form = upload
        has_room = doors.has_room(announced_of(request), by_form=by_form)
        return has_room and actor.may(Action.UPLOAD, service=service)
    except DatabaseTrouble:
        return False
    finally:
        connections.close_all()

"""The web application, for an ASGI server."""

import os
from importlib import import_module

import django
from django.conf import settings
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.exceptions import SuspiciousFileOperation
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotFound
from django.http.response import HttpResponseBase

from slipway.interfaces import doors
from slipway.interfaces.entrance.gate import BodyGate
from slipway.interfaces.live.sending import StreamHandler


class StaticFiles(ASGIStaticFilesHandler):
    """A path that leads out of the static files is not there: no error, and no traceback."""

    def serve(self, request: HttpRequest) -> HttpResponse | FileResponse:
        """Return a file read whole: one that is streamed stays open when its reader hangs up
        before the answer begins, since Django drops that answer without closing it."""
        found = super().serve(request)
        if not isinstance(found, FileResponse) or found.file_to_stream is None:
            return found
        with found.file_to_stream as file:
            return HttpResponse(file.read(), headers=found.headers)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        try:
            return await super().get_response_async(request)
        except SuspiciousFileOperation:
            return HttpResponseNotFound()


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "slipway.project.settings")
django.setup(set_prefix=False)
# A handful of small files: they need no server of their own in front.
application = BodyGate(
    StaticFiles(StreamHandler()),
    package_limit=settings.SLIPWAY_PACKAGE_LIMIT,
    room=doors.free_bytes,
    # They need the settings.
    may_send=import_module("slipway.interfaces.entrance.first_look").may_send,
    put=import_module("slipway.interfaces.web.frame.beside").refused,
)

"""The web application, for an ASGI server."""

import os

from django.conf import settings
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

from slipway.interfaces.gate import BodyGate

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "slipway.project.settings")
# A handful of small files: they need no server of their own in front.
application = BodyGate(
    ASGIStaticFilesHandler(get_asgi_application()), package_limit=settings.SLIPWAY_PACKAGE_LIMIT
)

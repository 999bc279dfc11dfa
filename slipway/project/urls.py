"""Which path leads to which room."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from slipway.interfaces.api import build_api
from slipway.interfaces.api.start.health import healthz, metrics


def admin_pages(is_on: bool) -> list[URLPattern | URLResolver]:
    """Return where Django shows rows as they are; off, its address leads to the page of people."""
    if is_on:
        return [path("admin/", admin.site.urls)]
    return [path("admin/", RedirectView.as_view(url="/people"))]


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("metrics", metrics),
    path("api/v1/", build_api().urls),
    path("hooks/", include("slipway.interfaces.hooks.urls")),
    # One way in, which counts who guesses, and one to another password, which is told.
    path("admin/login/", RedirectView.as_view(url="/login")),
    path("admin/password_change/", RedirectView.as_view(url="/me")),
    *admin_pages(settings.SLIPWAY_ADMIN),
    path("", include("slipway.interfaces.web.urls")),
]

"""Which path leads to which room."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from slipway.interfaces.api import build_api
from slipway.interfaces.api.start.health import healthz, metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("metrics", metrics),
    path("api/v1/", build_api().urls),
    path("hooks/", include("slipway.interfaces.hooks.urls")),
    # One way in, which counts who guesses, and one to another password, which is told.
    path("admin/login/", RedirectView.as_view(url="/login")),
    path("admin/password_change/", RedirectView.as_view(url="/me")),
    path("admin/", admin.site.urls),
    path("", include("slipway.interfaces.web.urls")),
]

"""The addresses of an installation in which Django's admin is switched on."""

from django.urls import URLPattern, URLResolver

from slipway.project import urls

urlpatterns: list[URLPattern | URLResolver] = [*urls.admin_pages(True), *urls.urlpatterns]

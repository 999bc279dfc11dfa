"""Where webhooks come in: no secret is ever part of an address."""

from django.urls import URLPattern, path

from slipway.interfaces.hooks.generic import take_generic
from slipway.interfaces.hooks.gitlab import take_gitlab
from slipway.interfaces.hooks.jenkins import take_jenkins

urlpatterns: list[URLPattern] = [
    path("gitlab", take_gitlab, name="gitlab-hook"),
    path("jenkins", take_jenkins, name="jenkins-hook"),
    path("generic", take_generic, name="generic-hook"),
]

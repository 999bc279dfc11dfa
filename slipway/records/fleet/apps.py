"""Registers the room with Django."""

from django.apps import AppConfig


class FleetConfig(AppConfig):
    name = "slipway.records.fleet"
    label = "fleet"
    default_auto_field = "django.db.models.BigAutoField"

"""Registers the room with Django."""

from django.apps import AppConfig


class RolloutsConfig(AppConfig):
    name = "slipway.records.rollouts"
    label = "rollouts"
    default_auto_field = "django.db.models.BigAutoField"

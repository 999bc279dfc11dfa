"""Registers the room with Django; its rows are kept as those of rollouts."""

from django.apps import AppConfig


class ReleasingConfig(AppConfig):
    name = "slipway.records.releasing"
    label = "releasing"
    default_auto_field = "django.db.models.BigAutoField"

"""Registers the room with Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "slipway.records.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

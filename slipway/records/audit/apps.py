"""Registers the room with Django, and as the one that keeps what happens to accounts."""

from importlib import import_module

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "slipway.records.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models exist only now; before, these modules cannot be imported.
        witness = import_module("slipway.records.accounts.witness")
        operations = import_module("slipway.records.audit.operations")
        witness.heard_by(operations.record, operations.record_stranger)

"""The audit in Django's admin."""

from django.contrib import admin

from slipway.records.audit.models import Event
from slipway.records.rows.read_only_admin import ReadingAdmin


@admin.register(Event)
class EventAdmin(ReadingAdmin):
    list_display = ("at", "by_name", "verb", "thing_name", "service", "environment", "reason")
    list_filter = ("thing_kind",)
    search_fields = ("verb", "thing_name", "by_name")

"""Release rules and the passes over packages in Django's admin."""

from django.contrib import admin

from slipway.records.releasing.models import ReleaseRule, RetentionRun
from slipway.records.rows.read_only_admin import ReadingAdmin


@admin.register(ReleaseRule)
class ReleaseRuleAdmin(ReadingAdmin):
    list_display = ("service", "environment", "refs", "enabled", "last_version", "problem")
    list_filter = ("enabled", "environment")
    named_after = ("last_version__service",)
    search_fields = ("service__name",)
    ordering = ("service__name", "environment__order")


@admin.register(RetentionRun)
class RetentionRunAdmin(ReadingAdmin):
    list_display = ("id", "day", "service", "requested_at", "finished_at", "packages", "problem")

"""Rollouts with all their parts, locks and workers in Django's admin."""

from django.contrib import admin

from slipway.records.rollouts.models import (
    Epoch,
    Installation,
    LaterClaim,
    Lock,
    LogLine,
    PersonsWord,
    Rollout,
    ShownPlan,
    Step,
    Target,
    WellState,
    Withdrawal,
)
from slipway.records.rows.read_only_admin import ReadingAdmin
from slipway.records.workers.models import Worker


@admin.register(Rollout)
class RolloutAdmin(ReadingAdmin):
    list_display = ("id", "kind", "service", "environment", "version", "state", "created_at")
    list_filter = ("state", "kind", "environment")
    named_after = ("version__service",)
    search_fields = ("service__name", "reason", "outcome")


@admin.register(Target)
class TargetAdmin(ReadingAdmin):
    list_display = ("rollout", "host", "port", "batch", "state", "step", "problem")
    list_filter = ("state",)
    search_fields = ("host__name", "problem")
    ordering = ("-rollout", "batch", "id")


@admin.register(Step)
class StepAdmin(ReadingAdmin):
    list_display = ("ticket", "name", "attempt", "started_at", "finished_at", "exit_code")
    list_filter = ("name",)
    search_fields = ("ticket",)


@admin.register(LogLine)
class LogLineAdmin(ReadingAdmin):
    list_display = ("at", "rollout", "level", "step", "text")
    list_filter = ("level",)


@admin.register(Lock)
class LockAdmin(ReadingAdmin):
    list_display = ("service", "environment", "holder", "rollout", "since", "until", "released_at")
    ordering = ("-since",)


@admin.register(Worker)
class WorkerAdmin(ReadingAdmin):
    list_display = ("id", "started_at", "beat_at", "dead_at", "taken_over_by")
    ordering = ("-started_at",)


@admin.register(Epoch)
class EpochAdmin(ReadingAdmin):
    list_display = ("value", "raised")


@admin.register(WellState)
class WellStateAdmin(ReadingAdmin):
    list_display = ("service", "host", "port", "release", "depth", "since", "until", "closed_at")
    named_after = ("release__version__service",)


@admin.register(Withdrawal)
class WithdrawalAdmin(ReadingAdmin):
    list_display = ("version", "environment", "rollout", "by", "since", "cleared_at")
    named_after = ("version__service",)
    ordering = ("-since",)


@admin.register(PersonsWord)
class PersonsWordAdmin(ReadingAdmin):
    exclude = ("answer",)  # a name that elsewhere holds secrets; the log tells it in words
    list_display = ("rollout", "word", "place", "by", "at")


@admin.register(LaterClaim)
class LaterClaimAdmin(ReadingAdmin):
    list_display = ("host", "service", "port", "epoch", "installation", "heard_at", "answered_at")
    ordering = ("-heard_at",)


@admin.register(ShownPlan)
class ShownPlanAdmin(ReadingAdmin):
    list_display = ("hash", "shown_at")
    ordering = ("-shown_at",)


admin.site.register(Installation, ReadingAdmin)

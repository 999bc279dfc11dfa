"""Services, versions, packages and builds in Django's admin."""

from django.contrib import admin

from slipway.records.catalog.models import (
    Build,
    BuildLogPart,
    BuildPoll,
    BuildServer,
    Comparison,
    Delivery,
    Package,
    Release,
    ServerCheck,
    Service,
    StarredService,
    Version,
)
from slipway.records.rows.read_only_admin import ReadingAdmin


@admin.register(Service)
class ServiceAdmin(ReadingAdmin):
    secrets = ("hook_secret",)
    list_display = ("name", "language", "build_origin", "default_ref", "updated_at")
    list_filter = ("language", "build_origin")
    search_fields = ("name", "description")
    ordering = ("name",)


@admin.register(Version)
class VersionAdmin(ReadingAdmin):
    list_display = ("name", "service", "status", "ref", "commit", "package", "created_at")
    list_filter = ("status",)
    search_fields = ("name", "service__name", "commit")
    ordering = ("-created_at",)


@admin.register(Package)
class PackageAdmin(ReadingAdmin):
    list_display = ("sha256", "filename", "format", "size", "created_at")
    search_fields = ("sha256", "filename")
    ordering = ("-created_at",)


@admin.register(BuildServer)
class BuildServerAdmin(ReadingAdmin):
    secrets = ("credential", "hook_secret")
    list_display = ("name", "kind", "base_url", "updated_at", "updated_by")
    ordering = ("name",)


@admin.register(Build)
class BuildAdmin(ReadingAdmin):
    list_display = ("id", "version", "server", "stage", "seen", "external_id", "created_at")
    list_filter = ("stage", "originator")
    named_after = ("version__service",)


@admin.register(BuildLogPart)
class BuildLogPartAdmin(ReadingAdmin):
    list_display = ("build", "start")
    ordering = ("build", "start")


@admin.register(BuildPoll)
class BuildPollAdmin(ReadingAdmin):
    list_display = ("service", "seen_until", "due_at", "problem")
    ordering = ("service__name",)


@admin.register(Delivery)
class DeliveryAdmin(ReadingAdmin):
    list_display = ("received_at", "source", "service", "event", "external_id", "outcome")
    list_filter = ("source",)
    ordering = ("-received_at",)


@admin.register(Comparison)
class ComparisonAdmin(ReadingAdmin):
    list_display = ("service", "base", "head", "total", "finished_at", "problem")
    ordering = ("-requested_at",)


@admin.register(ServerCheck)
class ServerCheckAdmin(ReadingAdmin):
    list_display = ("server", "project", "requested_at", "finished_at")
    ordering = ("-requested_at",)


@admin.register(Release)
class ReleaseAdmin(ReadingAdmin):
    list_display = ("version", "fingerprint", "made_at")
    named_after = ("version__service",)
    search_fields = ("fingerprint", "version__name")


@admin.register(StarredService)
class StarredServiceAdmin(ReadingAdmin):
    list_display = ("service", "user", "created_at")

"""Services, versions and packages in Django's admin."""

from django.contrib import admin

from slipway.records.catalog.models import Package, Service, Version
from slipway.records.fields.reading import ReadingAdmin


@admin.register(Service)
class ServiceAdmin(ReadingAdmin):
    list_display = ("name", "language", "build_origin", "default_ref", "updated_at")
    list_filter = ("language", "build_origin")
    search_fields = ("name", "description")
    ordering = ("name",)


@admin.register(Version)
class VersionAdmin(ReadingAdmin):
    list_display = ("name", "service", "status", "ref", "commit", "package", "created_at")
    list_filter = ("status",)
    list_select_related = ("service", "package")
    search_fields = ("name", "service__name", "commit")
    ordering = ("-created_at",)


@admin.register(Package)
class PackageAdmin(ReadingAdmin):
    list_display = ("sha256", "filename", "format", "size", "created_at")
    search_fields = ("sha256", "filename")
    ordering = ("-created_at",)

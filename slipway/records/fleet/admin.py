"""Environments, keys, hosts and instances in Django's admin."""

from django.contrib import admin

from slipway.records.fleet.models import Environment, Host, HostCheck, Instance, KeyGrant, SshKey
from slipway.records.rows.read_only_admin import ReadingAdmin


@admin.register(Environment)
class EnvironmentAdmin(ReadingAdmin):
    list_display = ("name", "order", "batches", "max_unavailable", "failure_budget")
    ordering = ("order", "name")


@admin.register(SshKey)
class SshKeyAdmin(ReadingAdmin):
    secrets = ("private_key",)
    list_display = ("name", "public_key", "created_at", "created_by")
    ordering = ("name",)


@admin.register(KeyGrant)
class KeyGrantAdmin(ReadingAdmin):
    list_display = ("key", "environment", "created_at", "created_by")
    ordering = ("key__name", "environment__name")


@admin.register(Host)
class HostAdmin(ReadingAdmin):
    list_display = ("name", "address", "port", "user", "environment", "state", "last_seen_at")
    list_filter = ("state", "environment")
    search_fields = ("name", "address")
    ordering = ("name",)


@admin.register(HostCheck)
class HostCheckAdmin(ReadingAdmin):
    list_display = ("host", "requested_at", "requested_by", "finished_at", "ok", "problem")
    list_filter = ("ok",)


@admin.register(Instance)
class InstanceAdmin(ReadingAdmin):
    list_display = ("service", "environment", "host", "port", "version", "seen_version", "status")
    list_filter = ("status", "environment")
    named_after = ("version__service",)
    search_fields = ("service__name", "host__name")
    ordering = ("service__name", "host__name")

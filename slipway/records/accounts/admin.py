"""People, grants and tokens in Django's admin."""

from django.contrib import admin

from slipway.records.accounts.models import (
    Grant,
    KeyProbe,
    LoginAttempt,
    LoginGate,
    LoginPlace,
    RememberedRequest,
    Token,
    User,
)
from slipway.records.rows.read_only_admin import ReadingAdmin


@admin.register(User)
class UserAdmin(ReadingAdmin):
    secrets = ("password",)
    list_display = ("username", "is_active", "is_superuser", "last_login", "date_joined")
    search_fields = ("username",)
    ordering = ("username",)


@admin.register(Grant)
class GrantAdmin(ReadingAdmin):
    list_display = ("user", "role", "service", "environment", "created_at", "created_by")
    list_filter = ("role",)
    ordering = ("user__username",)


@admin.register(Token)
class TokenAdmin(ReadingAdmin):
    secrets = ("digest",)
    list_display = ("name", "prefix", "user", "role", "expires_at", "last_used_at", "revoked_at")
    ordering = ("-created_at",)


@admin.register(RememberedRequest)
class RememberedRequestAdmin(ReadingAdmin):
    secrets = ("answer",)  # of whatever was asked for
    list_display = ("key", "user", "status", "created_at")
    ordering = ("-created_at",)


@admin.register(LoginAttempt)
class LoginAttemptAdmin(ReadingAdmin):
    list_display = ("username", "source", "at")
    ordering = ("-at",)


@admin.register(LoginPlace)
class LoginPlaceAdmin(ReadingAdmin):
    list_display = ("user", "source", "seen_at")
    ordering = ("-seen_at",)


@admin.register(KeyProbe)
class KeyProbeAdmin(ReadingAdmin):
    secrets = ("text",)


admin.site.register(LoginGate, ReadingAdmin)

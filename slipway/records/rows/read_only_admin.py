"""Pages of Django's admin that only show: changes go through operations, with rules and audit."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

# The stubs know which model an admin is for; at run time the class has no such argument.
if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[models.Model]
else:
    _ModelAdmin = admin.ModelAdmin


class ReadingAdmin(_ModelAdmin):
    """Shows rows to superusers, without their secrets."""

    secrets: tuple[str, ...] = ()  # fields that nobody is ever shown
    named_after: tuple[str, ...] = ()  # what the names of rows in its list are made of
    list_per_page = 50
    show_full_result_count = False  # counting a long audit takes longer than showing it

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*(super().get_exclude(request, obj) or ()), *self.secrets)

    def get_list_select_related(self, request: HttpRequest) -> list[str]:
        rows = {each.name for each in self.model._meta.fields if each.is_relation}
        return [*(str(each) for each in self.list_display if each in rows), *self.named_after]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _is_superuser(request: HttpRequest) -> bool:
    user = request.user
    return bool(user.is_active and getattr(user, "is_superuser", False))

"""Connects the rooms when Django starts."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created

from slipway.interfaces import doors
from slipway.records.rows.database.compiling import never_compile
from slipway.records.rows.database.moments import read_moments


class ProjectConfig(AppConfig):
    name = "slipway.project"
    label = "project"

    def ready(self) -> None:
        from slipway.project import wiring  # noqa: PLC0415 - needs settings that are ready

        connection_created.connect(never_compile)
        connection_created.connect(read_moments)
        doors.open(packages=wiring.packages())

"""Connects the rooms when Django starts."""

from django.apps import AppConfig

from slipway.interfaces import doors


class ProjectConfig(AppConfig):
    name = "slipway.project"
    label = "project"

    def ready(self) -> None:
        from slipway.project import wiring  # noqa: PLC0415 - needs settings that are ready

        doors.open(packages=wiring.packages())

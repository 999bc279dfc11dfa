"""Connects the rooms when Django starts."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "slipway.project"
    label = "project"

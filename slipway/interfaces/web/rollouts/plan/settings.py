"""Where each value of a plan comes from, as its page shows it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from slipway.core.rollout.plans.outlook import Outlook

_ORIGINS = {
    "service": gettext_lazy("the service"),
    "package": gettext_lazy("the package"),
    "default": gettext_lazy("default"),
    "well_state": gettext_lazy("as it was well"),
    "wish": gettext_lazy("said for this rollout"),
    "environment": gettext_lazy("the environment"),
    "way_back": gettext_lazy("the way back"),
}


@dataclass(frozen=True, slots=True)
class SettingRow:
    """`before` is what held at the upload; None where it was the same."""

    key: str
    value: str
    origin: str
    before: str | None = None


@dataclass(frozen=True, slots=True)
class SettingsView:
    title: str
    rows: tuple[SettingRow, ...]
    changed: int = 0


def settings_of(plan: Outlook) -> tuple[SettingsView, ...]:
    """Return the settings of each version that is brought, and the rules of the rollout."""
    return tuple(_views(plan))


def _views(plan: Outlook) -> Iterator[SettingsView]:
    for each in plan.settings:
        rows = [
            SettingRow(one.key, one.value, str(_ORIGINS[one.origin]), one.at_upload)
            for one in each.settings
        ]
        title = _("How %(version)s is run") % {"version": each.version}
        yield SettingsView(title, tuple(rows), sum(row.before is not None for row in rows))
    rules = [SettingRow(one.key, one.value, str(_ORIGINS[one.origin])) for one in plan.rules]
    if rules:
        yield SettingsView(_("How it is carried out"), tuple(rules))

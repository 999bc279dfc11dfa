"""The glossary's words as people read them, in their language, and the mark each state wears."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from slipway.core.rollout.status import TargetStatus

OK, RUN, WARN, FAIL, WAIT = "ok", "run", "warn", "fail", "wait"

_WORDS = {
    # kinds of rollout
    "deploy": _("Deploy"),
    "upgrade": _("Upgrade"),
    "revert": _("Roll back"),
    "delete": _("Remove"),
    "apply": _("Apply settings"),
    "restart": _("Restart"),
    "stop": _("Stop"),
    "start": _("Start"),
    # states of rollouts and targets
    "pending": _("waiting"),
    "running": _("running"),
    "paused": _("paused"),
    "succeeded": _("succeeded"),
    "halted": _("halted"),
    "failed": _("failed"),
    "cancelled": _("cancelled"),
    "unreachable": _("unreachable"),
    # statuses of instances
    "installing": _("installing"),
    "upgrading": _("upgrading"),
    "reverting": _("rolling back"),
    "deleting": _("being removed"),
    "stopped": _("stopped"),
    "install_failed": _("install failed"),
    "upgrade_failed": _("upgrade failed"),
    "revert_failed": _("rollback failed"),
    "delete_failed": _("removal failed"),
    # statuses of versions
    "building": _("building"),
    "success": _("ready"),
    "timeout": _("timed out"),
    "duplicate": _("duplicate"),
    # hosts
    "ok": pgettext_lazy("host", "reachable"),
    "maintenance": _("maintenance"),
    "unknown": _("unknown"),
    # roles
    "viewer": _("Viewer"),
    "deployer": _("Deployer"),
    "admin": _("Admin"),
}

_STEPS = {
    "upload": _("upload"),
    "unpack": _("unpack"),
    "before_activate": _("before activate"),
    "after_activate": _("after activate"),
    "drain": _("drain"),
    "undrain": _("undrain"),
    "switch": _("switch"),
    "restart": pgettext_lazy("step", "restart"),
    "start": pgettext_lazy("step", "start"),
    "stop": pgettext_lazy("step", "stop"),
    "probe": _("health check"),
    "receipt": _("receipt"),
    "prune": _("tidy up"),
    "remove": pgettext_lazy("step", "remove"),
}

_MARKS = {
    OK: ("succeeded", "ok", "success"),
    RUN: ("running", "installing", "upgrading", "reverting", "deleting", "building"),
    WARN: ("paused", "unknown", "unreachable", "maintenance", "timeout", "warning"),
    FAIL: (
        "failed",
        "halted",
        "install_failed",
        "upgrade_failed",
        "revert_failed",
        "delete_failed",
        "error",
    ),
    WAIT: ("pending", "cancelled", "stopped", "duplicate"),
}
_MARK_BY_WORD = {word: mark for mark, words in _MARKS.items() for word in words}

STATUS_ICONS = {
    "pending": "wait",
    "building": "run",
    "success": "check",
    "timeout": "clock",
    "failed": "cross",
    "duplicate": "copy",
}
ICONS = {OK: "check", RUN: "run", WARN: "unknown", FAIL: "cross", WAIT: "wait"}


def word(code: str) -> str:
    """Return what `code` is called; a code without a word is its own."""
    return str(_WORDS.get(code, code.replace("_", " ")))


def step_word(name: str) -> str:
    """Return what a step is called."""
    return str(_STEPS.get(name, name.replace("_", " ")))


def live_words() -> dict[str, dict[str, str]]:
    """Return the words a live board needs: for states and for steps."""
    states = {code.value: word(code) for code in TargetStatus}
    return {"states": states, "steps": {name: step_word(name) for name in _STEPS}}


def mark(code: str) -> str:
    """Return the mark a rollout, a target, a step or a version in state `code` wears."""
    return _MARK_BY_WORD.get(code, WAIT)


def instance_mark(status: str, *, healthy: bool | None = True) -> str:
    """Return the mark of an instance, for which "running" means that it is well."""
    if status == "running":
        return FAIL if healthy is False else OK
    return mark(status)

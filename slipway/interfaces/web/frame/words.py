"""The glossary's words as people read them, in their language, and the mark each state wears."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from slipway.core.hosts.sizes import size_said
from slipway.core.rollout.told.status import TargetStatus
from slipway.core.rollout.value.words import Cause, End

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
    "partial": _("partial"),
    "left_out": _("left out"),
    "not_known": _("not known"),
    "taken_back": _("taken back"),
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
    "not_seen": _("running, not seen lately"),
    "drifted": _("drifted"),
    "ill": pgettext_lazy("instance", "ill"),
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
    "uploader": _("Uploader"),
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

_CAUSES = {
    Cause.VERSION: pgettext_lazy("cause", "version"),
    Cause.HOST: pgettext_lazy("cause", "host"),
    Cause.WEATHER: pgettext_lazy("cause", "weather"),
    Cause.OURS: pgettext_lazy("cause", "ours"),
    Cause.PERSON: pgettext_lazy("cause", "person"),
}

_ENDS = {
    End.SUCCEEDED: _("succeeded"),
    End.PARTIAL: _("partial"),
    End.HALTED: _("halted"),
    End.TAKEN_BACK: _("halted and taken back"),
    End.NOT_ALL_BACK: _("halted, some not taken back"),
    End.CANCELLED: _("cancelled"),
}

_MARKS = {
    OK: ("succeeded", "ok", "success"),
    RUN: ("running", "installing", "upgrading", "reverting", "deleting", "building"),
    WARN: (
        "paused",
        "unknown",
        "unreachable",
        "partial",
        "left_out",
        "not_known",
        "maintenance",
        "timeout",
        "warning",
        "not_seen",
        "drifted",
    ),
    FAIL: (
        "failed",
        "taken_back",
        "halted",
        "install_failed",
        "upgrade_failed",
        "revert_failed",
        "delete_failed",
        "ill",
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
# States whose shape says more than that of their mark.
STATE_ICONS = {
    "paused": "pause",
    "partial": "alert",
    "cancelled": "stop",
    "taken_back": "back",
    "maintenance": "tool",
}
ICONS = {OK: "check", RUN: "run", WARN: "unknown", FAIL: "cross", WAIT: "wait"}


def word(code: str) -> str:
    """Return what `code` is called; a code without a word is its own."""
    return str(_WORDS.get(code.replace(" ", "_"), code.replace("_", " ")))


def step_word(name: str) -> str:
    """Return what a step is called."""
    return str(_STEPS.get(name, name.replace("_", " ")))


def cause_word(cause: str) -> str:
    """Return whose fault it was; "" where nobody has said."""
    return str(_CAUSES[Cause(cause)]) if cause else ""


def end_word(end: str) -> str:
    """Return how a rollout has ended; "" where it has not."""
    return str(_ENDS[End(end)]) if end else ""


def live_words() -> dict[str, dict[str, str]]:
    """Return the words a live board needs: for states and for steps."""
    states = {code.value: word(code) for code in TargetStatus}
    return {"states": states, "steps": {name: step_word(name) for name in _STEPS}}


def mark(code: str) -> str:
    """Return the mark a rollout, a target, a step or a version in state `code` wears."""
    return _MARK_BY_WORD.get(code, WAIT)


def state_icon(code: str) -> str:
    """Return the shape beside the word of a rollout, a target or a host."""
    return STATE_ICONS.get(code) or ICONS[mark(code)]


def instance_mark(status: str) -> str:
    """Return the mark of an instance, for which "running" means that it is well."""
    return OK if status == "running" else mark(status)


def instance_icon(status: str) -> str:
    """Return the shape beside the word: no state is told by its colour alone."""
    return "drift" if status == "drifted" else ICONS[instance_mark(status)]


def size(count: int | None) -> str:
    """A number of bytes as people say it."""
    return size_said(count or 0)

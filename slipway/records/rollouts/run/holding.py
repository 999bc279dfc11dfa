"""What holds everything of a rollout that goes forth: a person's lock, a closed window."""

from datetime import datetime

from slipway.core.rollout.value.events import Hindrance
from slipway.core.words.moments import moment_said
from slipway.core.words.sentence import Sentence
from slipway.records.fleet.models import Environment
from slipway.records.rollouts.models import Lock
from slipway.records.rollouts.run.loading import Loaded


def what_holds(loaded: Loaded, now: datetime) -> Hindrance | None:
    """Return why nothing more may be begun now. Whoever started it is not held by a lock of their
    own."""
    return _lock(loaded, now) or _window(loaded, now)


def _lock(loaded: Loaded, now: datetime) -> Hindrance | None:
    there = {"service": loaded.service_id, "environment": loaded.environment_id}
    held = Lock.objects.in_force(now).filter(**there, holder__isnull=False)
    held = held.exclude(holder=loaded.started_by)
    lock = held.order_by("pk").values_list("holder__username", "reason").first()
    if lock is None:
        return None
    holder, reason = lock
    return Hindrance(
        Sentence.of(
            "service_locked",
            "The service is locked by {holder}: {reason}",
            hint="It goes on when the lock is released.",
            holder=holder,
            reason=reason,
        ),
        holds=True,
    )


def _window(loaded: Loaded, now: datetime) -> Hindrance | None:
    windows = Environment.objects.values_list("freeze_windows", flat=True)
    for window in windows.get(pk=loaded.environment_id):
        begin, end = (datetime.fromisoformat(window[key]) for key in ("from", "until"))
        if begin <= now < end:
            return Hindrance(
                Sentence.of(
                    "window_closed",
                    "The environment is closed until {until}: {reason}",
                    hint="It goes on then; what was well in each place may come back at any time.",
                    until=moment_said(end),
                    reason=window.get("reason") or Sentence.of("no_reason", "no reason was given"),
                ),
                holds=True,
            )
    return None

"""Who is signed in with a browser, as long as that lasts."""

from datetime import datetime

from django.contrib.sessions.models import Session


def forget_sessions(*, now: datetime) -> int:
    """Forget sessions whose time is over: nobody is let in by them; returns how many."""
    return Session.objects.filter(expire_date__lt=now).delete()[0]

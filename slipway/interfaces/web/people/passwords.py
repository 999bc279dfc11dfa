"""New passwords as forms bring them: typed twice, or made for whoever chose none."""

import secrets

from django.http import HttpRequest

from slipway.core.words.refusal import Invalid

FIELDS = ("password", "password_again")
_BYTES = 12  # of one that is made


def typed_twice(request: HttpRequest) -> str:
    """Return what was typed, "" for nothing. Raises Invalid where it is something else the second
    time."""
    typed, again = (request.POST.get(name, "") for name in FIELDS)
    if typed != again:
        raise Invalid("The two passwords differ.", hint="Type the same one twice.")
    return typed


def made_one() -> str:
    return secrets.token_urlsafe(_BYTES)

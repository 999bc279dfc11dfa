"""A token made worthless: one's own, or somebody's."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from slipway.interfaces.entrance.admission import asker
from slipway.interfaces.web.frame import pages
from slipway.records.accounts.operations import tokens as token_operations
from slipway.records.accounts.queries import get_user, live_token


def revoked(request: HttpRequest, owner: str, prefix: str, back: str) -> HttpResponse:
    """Make that one of somebody's tokens worthless, and lead back. Raises NotFound."""
    token = live_token(get_user(owner), prefix)
    return pages.attempt(
        request,
        lambda: token_operations.revoke_token(token=token, by=asker(request), now=timezone.now()),
        back=back,
        done=_("The token %(name)s is revoked.") % {"name": token.name},
    )

"""As whom a service runs is said by the service, which its admins set: not by a package."""

from collections.abc import Mapping

from slipway.core.refusal import Invalid
from slipway.core.spec import ReleaseSpec
from slipway.core.spec_values import Supervisor

ROOT = ("root", "0")


def check_brought_user(package: Mapping[str, object], service: Mapping[str, object]) -> None:
    """Raise Invalid where a package wants to run as root and the service names nobody."""
    if str(package.get("user") or "") in ROOT and not service.get("user"):
        raise Invalid(
            "user: that it runs as root is for the service to say, not for its package.",
            hint="Leave it out; where it is meant, an admin sets it in the service's own spec.",
        )


def check_still_named(spec: ReleaseSpec, before: Mapping[str, object]) -> None:
    """Raise Invalid where nobody is named any more by whom it runs, and somebody was `before`: what
    is left out is root, and that is for the service to say."""
    named = str(before.get("user") or "")
    if not named or spec.user:
        return
    if spec.supervisor is Supervisor.SCRIPT:
        raise Invalid(
            "user: it ran as {user}, and now nobody is named: its scripts would run as whoever logs"
            " in on a host.",
            hint="Name the user again, or have an admin name another in the service's own spec.",
            user=named,
        )
    raise Invalid(
        "user: it ran as {user}, and now nobody is named: left out, it would be root.",
        hint="Name the user again; where root is meant, an admin sets it in the service's own"
        " spec.",
        user=named,
    )

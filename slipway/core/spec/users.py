"""As whom a service runs is said by the service, which its admins set: not by a package."""

from collections.abc import Mapping

from slipway.core.spec.supervisors import TRAITS
from slipway.core.spec.values import ReleaseSpec
from slipway.core.words.refusal import Invalid

ROOT = ("root", "0")


def check_brought_user(package: Mapping[str, object], service: Mapping[str, object]) -> None:
    """Raise Invalid where a package wants to run as root and the service names nobody."""
    if str(package.get("user") or "") in ROOT and not service.get("user"):
        raise Invalid(
            "user: that it runs as root is for the service to say, not for its package.",
            hint="Leave it out; where it is meant, an admin sets it in the service's own spec.",
        )


def check_same_user(
    spec: ReleaseSpec, before: Mapping[str, object], service: Mapping[str, object]
) -> None:
    """Raise Invalid where it would run as another user than `before`, or as nobody who is named any
    more, and the service does not say so: a package names no other service's user, and what is left
    out is root."""
    named = str(before.get("user") or "")
    if not named or spec.user == named or service.get("user"):
        return
    if spec.user:
        raise Invalid(
            "user: it ran as {user}, and its package now names {other}.",
            hint="Name {user} again; where another is meant, an admin sets it in the service's own"
            " spec.",
            user=named,
            other=spec.user,
        )
    if TRAITS[spec.supervisor].as_login:
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


def is_named(spec: ReleaseSpec) -> bool:
    """Whether a user is named by whom it runs, and is not root."""
    return spec.user not in ("", *ROOT)

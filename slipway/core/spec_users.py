"""As whom a service runs is said by the service, which its admins set: not by a package."""

from collections.abc import Mapping

from slipway.core.refusal import Invalid

ROOT = ("root", "0")


def check_brought_user(package: Mapping[str, object], service: Mapping[str, object]) -> None:
    """Raise Invalid where a package wants to run as root and the service names nobody."""
    if str(package.get("user") or "") in ROOT and not service.get("user"):
        raise Invalid(
            "user: that it runs as root is for the service to say, not for its package.",
            hint="Leave it out; where it is meant, an admin sets it in the service's own spec.",
        )

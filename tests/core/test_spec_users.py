"""A package does not make itself root."""

import pytest

from slipway.core.refusal import Invalid
from slipway.core.spec_users import check_brought_user


@pytest.mark.parametrize("user", ["root", "0"])
def test_a_package_that_pins_root_is_refused(user: str) -> None:
    with pytest.raises(Invalid, match="for the service to say"):
        check_brought_user({"user": user}, {"environment": {"A": "b"}})


@pytest.mark.parametrize(
    ("package", "service"),
    [
        ({"user": "root"}, {"user": "root"}),
        ({"user": "root"}, {"user": "billing"}),
        ({"user": "billing"}, {}),
        ({}, {}),
    ],
)
def test_what_the_service_says_holds(
    package: dict[str, object], service: dict[str, object]
) -> None:
    check_brought_user(package, service)

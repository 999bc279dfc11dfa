"""A package does not make itself root."""

import pytest

from slipway.core.spec.users import check_brought_user, check_same_user, is_named
from slipway.core.spec.values import ReleaseSpec
from slipway.core.words.refusal import Invalid


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


def named(user: str) -> ReleaseSpec:
    return ReleaseSpec(run=("./app",), user=user)


@pytest.mark.parametrize(
    ("before", "now", "service"),
    [("app", "app", ""), ("", "app", ""), ("app", "postgres", "postgres"), ("", "", "")],
)
def test_who_ran_it_runs_it_still_unless_the_service_says_so(
    before: str, now: str, service: str
) -> None:
    check_same_user(named(now), {"user": before}, {"user": service} if service else {})


@pytest.mark.parametrize(("now", "said"), [("postgres", "names postgres"), ("", "nobody is named")])
def test_another_one_is_not_a_packages_to_say(now: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        check_same_user(named(now), {"user": "app"}, {})


@pytest.mark.parametrize(
    ("user", "is_one"), [("app", True), ("", False), ("root", False), ("0", False)]
)
def test_root_is_no_user_who_is_named(user: str, is_one: bool) -> None:
    assert is_named(named(user)) is is_one

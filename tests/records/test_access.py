"""Who may do something somewhere, and why: every way is told, and what comes nearest to one."""

from datetime import timedelta

import pytest

from slipway.core.words.refusal import Forbidden
from slipway.core.words.roles import Action, Role
from slipway.records.accounts.access import Access, Obstruction, explain_access
from slipway.records.accounts.operations.people import disable_user, enable_user
from slipway.records.accounts.operations.tokens import create_token
from slipway.records.accounts.rights import Actor
from slipway.records.audit.models import Event
from tests.records.people import NOW, person, user_of

pytestmark = pytest.mark.django_db


def asked(
    by: Actor, action: Action = Action.DEPLOY, service: str = "billing", environment: str = "prod"
) -> Access:
    return explain_access(action, service, environment, by=by, now=NOW)


def root() -> Actor:
    return person("root", superuser=True)


def test_each_who_may_is_told_with_every_way() -> None:
    person(
        "alice", (Role.DEPLOYER, "billing", ""), (Role.ADMIN, "", "prod"), (Role.ADMIN, "", "dev")
    )
    found = {each.username: each for each in asked(root()).allowed}
    assert set(found) == {"alice", "root"}
    ways = [(way.role, way.service, way.environment) for way in found["alice"].ways]
    assert ways == [(Role.DEPLOYER, "billing", ""), (Role.ADMIN, "", "prod")]
    assert [way.grant for way in found["root"].ways] == [None]


def test_who_may_agrees_with_what_they_are_let_do() -> None:
    """The page says what `may` says, for every action and place."""
    actors = [
        root(),
        person("anna", (Role.ADMIN, "", "")),
        person("bob", (Role.ADMIN, "billing", "")),
        person("dora", (Role.VIEWER, "billing", "prod")),
        person("penny", (Role.DEPLOYER, "", "prod"), (Role.UPLOADER, "shop", "")),
        person("charlie"),
    ]
    for action in Action:
        for service in ("", "billing", "shop"):
            for environment in ("", "prod", "dev"):
                told = {
                    each.username for each in asked(actors[0], action, service, environment).allowed
                }
                may = {
                    actor.name
                    for actor in actors
                    if actor.may(action, service=service, environment=environment)
                }
                assert told == may, (action, service, environment)


def test_who_may_not_is_told_what_comes_nearest() -> None:
    by = root()
    person("little", (Role.VIEWER, "billing", "prod"), (Role.DEPLOYER, "shop", ""))
    person("elsewhere", (Role.VIEWER, "shop", ""), (Role.DEPLOYER, "billing", "dev"))
    person("both", (Role.VIEWER, "shop", ""))
    person("nothing")
    gone = person("gone", (Role.DEPLOYER, "", ""))
    shut = person("shut", (Role.VIEWER, "billing", ""))
    for each in (gone, shut):
        disable_user(user=user_of(each), by=by, now=NOW)
    found = [
        (each.username, each.why, each.nearest and (each.nearest.role, each.nearest.service))
        for each in asked(by).not_allowed
    ]
    assert found == [
        ("gone", Obstruction.DISABLED, None),
        ("shut", Obstruction.DISABLED, (Role.VIEWER, "billing")),
        ("little", Obstruction.ROLE, (Role.VIEWER, "billing")),
        ("elsewhere", Obstruction.ELSEWHERE, (Role.DEPLOYER, "billing")),
        ("both", Obstruction.BOTH, (Role.VIEWER, "shop")),
        ("nothing", Obstruction.NOTHING, None),
    ]
    enable_user(user=user_of(gone), by=by, now=NOW)
    assert "gone" in {each.username for each in asked(by).allowed}
    assert Event.objects.filter(verb="user.enabled", thing_name="gone").count() == 1


def test_programs_are_told_that_may_there_and_live() -> None:
    alice = person("alice", (Role.DEPLOYER, "", ""))
    for name, role, service, lives in (
        ("ci", Role.DEPLOYER, "billing", 9),
        ("reader", Role.VIEWER, "", 9),
        ("shop", Role.DEPLOYER, "shop", 9),
        ("over", Role.DEPLOYER, "", 1),
    ):
        create_token(
            user=user_of(alice),
            name=name,
            role=role,
            service=service,
            environment="",
            expires_in=timedelta(days=lives),
            by=alice,
            now=NOW - timedelta(days=2),
        )
    (found,) = (each for each in asked(root()).allowed if each.username == "alice")
    assert found.tokens == ("ci",)


def test_an_admin_of_a_part_hears_of_no_other_part() -> None:
    bob = person("bob", (Role.ADMIN, "billing", ""))
    person("elsewhere", (Role.DEPLOYER, "shop", "prod"))
    person("near", (Role.VIEWER, "billing", ""), (Role.ADMIN, "shop", ""))
    person("nothing")
    found = asked(bob)
    assert [each.username for each in found.allowed] == ["bob"]
    assert [(each.username, each.why) for each in found.not_allowed] == [("near", Obstruction.ROLE)]
    assert "shop" not in repr(found)
    with pytest.raises(Forbidden):
        asked(bob, service="shop")
    with pytest.raises(Forbidden):
        asked(bob, service="", environment="")


def test_only_who_manages_access_lets_somebody_in_again() -> None:
    gone, bob = person("gone"), person("bob", (Role.ADMIN, "billing", ""))
    disable_user(user=user_of(gone), by=root(), now=NOW)
    with pytest.raises(Forbidden):
        enable_user(user=user_of(gone), by=bob, now=NOW)
    with pytest.raises(Forbidden):  # an admin has no rank over a superuser
        enable_user(user=user_of(root()), by=person("anna", (Role.ADMIN, "", "")), now=NOW)

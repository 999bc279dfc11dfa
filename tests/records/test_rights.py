"""Who may do what where: grants, their scopes, and the conditions that queries use."""

import pytest
from django.db import IntegrityError, transaction

from slipway.core.words.refusal import Forbidden
from slipway.core.words.roles import Action, Role
from slipway.records.accounts import queries
from slipway.records.accounts.models import Grant, User
from slipway.records.accounts.operations import grants, people
from slipway.records.accounts.operations.people import UserExists
from slipway.records.accounts.rights import Actor
from slipway.records.audit.models import Event
from tests.records.people import NOW, PASSWORD, alice, bob, charlie, person, user_of

pytestmark = pytest.mark.django_db


def test_charlie_may_nothing() -> None:
    assert not any(charlie().may(action) for action in Action)


def test_the_system_may_everything() -> None:
    assert all(Actor.system().may(action, service="billing") for action in Action)


def test_a_disabled_superuser_may_nothing() -> None:
    root = user_of(person("root", superuser=True))
    root.is_active = False
    root.save()
    assert not person("root").may(Action.VIEW)


def test_a_deployer_of_one_service_in_one_environment_stays_there() -> None:
    dora = person("dora", (Role.DEPLOYER, "billing", "test"))
    assert dora.may(Action.DEPLOY, service="billing", environment="test")
    assert not dora.may(Action.DEPLOY, service="billing", environment="prod")
    assert not dora.may(Action.DEPLOY, service="shop", environment="test")
    assert not dora.may(Action.UPLOAD, service="billing")  # a version is for every environment
    assert dora.may(Action.VIEW, service="billing")


def test_a_refusal_says_which_role_is_missing() -> None:
    with pytest.raises(Forbidden) as refused:
        charlie().require(Action.DEPLOY, service="billing", environment="prod")
    assert "charlie" in refused.value.message
    assert "deployer" in refused.value.hint


def test_an_admin_of_a_service_gives_roles_for_it_only() -> None:
    admin = person("dora", (Role.ADMIN, "billing", ""))
    someone = charlie().user
    assert someone
    grants.grant_role(
        user=someone, role="deployer", service="billing", environment="test", by=admin, now=NOW
    )
    with pytest.raises(Forbidden):
        grants.grant_role(
            user=someone, role="deployer", service="shop", environment="", by=admin, now=NOW
        )


def test_a_grant_is_audited_when_given_and_taken() -> None:
    someone = charlie().user
    assert someone
    grant = grants.grant_role(
        user=someone, role="viewer", service="", environment="", by=bob(), now=NOW
    )
    grants.revoke_grant(grant=grant, by=bob(), now=NOW)
    assert list(Event.objects.order_by("id").values_list("verb", "thing_name")) == [
        ("grant.given", "charlie"),
        ("grant.taken", "charlie"),
    ]


def test_the_same_grant_is_kept_once() -> None:
    Grant.objects.create(user=user_of(alice()), role="viewer", created_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(user=user_of(alice()), role="viewer", created_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(user=user_of(alice()), role="emperor", created_at=NOW)


def test_who_may_names_the_people() -> None:
    alice()
    bob()
    charlie()
    assert [u.username for u in queries.who_may(Action.DEPLOY, "billing", "prod")] == [
        "alice",
        "bob",
    ]


def test_only_a_superuser_makes_superusers_and_sets_their_passwords() -> None:
    root = person("root", superuser=True)
    assert root.user
    with pytest.raises(Forbidden):
        people.create_user(username="eve", password=PASSWORD, by=bob(), now=NOW, is_superuser=True)
    with pytest.raises(Forbidden):
        people.set_password(user=root.user, password=PASSWORD, by=bob(), now=NOW)
    with pytest.raises(Forbidden):
        people.disable_user(user=root.user, by=bob(), now=NOW)
    made = people.create_user(
        username="eve", password=PASSWORD, by=root, now=NOW, is_superuser=True
    )
    assert made.is_superuser
    assert made.check_password(PASSWORD)


def test_a_name_is_taken_once() -> None:
    people.create_user(username="dora", password=PASSWORD, by=bob(), now=NOW)
    with pytest.raises(UserExists, match="dora"):
        people.create_user(username="dora", password=PASSWORD, by=bob(), now=NOW)
    assert User.objects.filter(username="dora").count() == 1

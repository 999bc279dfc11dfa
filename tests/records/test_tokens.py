"""A token allows what both it and its owner are allowed, as long as it lives."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from slipway.core.words.refusal import Forbidden, Invalid
from slipway.core.words.roles import Action, Role
from slipway.records.accounts.authentication import authenticate_token
from slipway.records.accounts.models import Grant, Token
from slipway.records.accounts.operations import people, tokens
from slipway.records.accounts.operations.tokens import TokenExists
from slipway.records.accounts.rights import Actor
from slipway.records.audit.models import Event
from tests.records.people import NOW, PASSWORD, alice, bob, charlie, person, user_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def make(owner: Actor, *, name: str = "ci", by: Actor | None = None, **wish: object) -> str:
    asked: dict[str, object] = {
        "role": "deployer",
        "service": "",
        "environment": "",
        "expires_in": DAY,
    }
    assert owner.user
    _, text = tokens.create_token(
        user=owner.user,
        name=name,
        by=by or owner,
        now=NOW,
        **(asked | wish),  # type: ignore[arg-type]
    )
    return text


def use(text: str) -> Actor:
    actor = authenticate_token(text, NOW)
    assert actor is not None
    return actor


def test_a_token_speaks_for_its_owner() -> None:
    actor = use(make(alice()))
    assert actor.name == "alice"
    assert actor.may(Action.DEPLOY, service="billing", environment="prod")


def test_the_database_holds_no_token() -> None:
    # Its third part: underscores are among the secret's own letters.
    secret = make(alice()).split("_", 2)[2]
    row = Token.objects.values().get()
    assert not any(secret in str(value) for value in row.values())


def test_a_token_is_cut_to_its_role_and_scope() -> None:
    actor = use(make(bob(), role="deployer", service="billing", environment="test"))
    assert actor.may(Action.DEPLOY, service="billing", environment="test")
    assert not actor.may(Action.DEPLOY, service="billing", environment="prod")
    assert not actor.may(Action.DEPLOY, service="shop", environment="test")
    assert not actor.may(Action.MANAGE_HOST, environment="test")


def test_a_token_is_cut_to_what_its_owner_has_now() -> None:
    text = make(bob(), role="admin")
    Grant.objects.all().delete()
    assert not use(text).may(Action.VIEW)


def test_an_admin_token_of_a_viewer_only_looks() -> None:
    viewer = person("dora", (Role.VIEWER, "billing", ""))
    actor = use(make(viewer, role="admin"))
    assert actor.may(Action.VIEW, service="billing", environment="prod")
    assert not actor.may(Action.DEPLOY, service="billing", environment="prod")
    assert not actor.may(Action.VIEW, service="shop", environment="prod")


@pytest.mark.parametrize("later", [DAY, 2 * DAY])
def test_an_expired_token_is_worthless(later: timedelta) -> None:
    text = make(alice())
    assert authenticate_token(text, NOW + later) is None


def test_a_revoked_token_is_worthless_and_its_name_is_free_again() -> None:
    someone = alice()
    text = make(someone)
    tokens.revoke_token(token=Token.objects.get(), by=someone, now=NOW)
    assert authenticate_token(text, NOW) is None
    assert make(someone)


def test_a_token_of_a_disabled_person_is_worthless() -> None:
    someone = alice()
    text = make(someone)
    assert someone.user
    people.disable_user(user=user_of(someone), by=bob(), now=NOW)
    assert authenticate_token(text, NOW) is None


@pytest.mark.parametrize(
    "text", ["", "slw", "slw__", "slw_abc_", "slw_\0_x", "slw_abc_\ud800", "x" * 5000]
)
def test_nonsense_is_nobody(text: str) -> None:
    assert authenticate_token(text, NOW) is None


def test_a_wrong_secret_is_nobody() -> None:
    text = make(alice())
    assert authenticate_token(text[:-1] + ("a" if text[-1] != "a" else "b"), NOW) is None


def test_a_token_lives_for_a_year_at_most() -> None:
    with pytest.raises(Invalid, match="365"):
        make(alice(), expires_in=timedelta(days=366))


def test_two_live_tokens_of_a_person_never_share_a_name() -> None:
    someone = alice()
    make(someone)
    with pytest.raises(TokenExists):
        make(someone)
    with pytest.raises(IntegrityError), transaction.atomic():
        Token.objects.create(
            user=user_of(someone), name="ci", prefix="x", digest="x", role="viewer",
            created_at=NOW, expires_at=NOW + DAY,
        )  # fmt: skip


def test_a_token_ends_after_it_begins() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Token.objects.create(
            user=user_of(alice()), name="x", prefix="x", digest="x", role="viewer",
            created_at=NOW, expires_at=NOW,
        )  # fmt: skip


def test_nobody_makes_tokens_for_somebody_else() -> None:
    with pytest.raises(Forbidden):
        make(alice(), by=charlie())


def test_a_token_cannot_make_a_stronger_or_longer_one() -> None:
    someone = alice()
    through = use(make(someone, service="billing"))
    with pytest.raises(Forbidden):
        make(someone, name="two", by=through)
    with pytest.raises(Forbidden):
        make(someone, name="two", by=through, service="billing", expires_in=2 * DAY)
    assert make(someone, name="two", by=through, service="billing", role="viewer")


def test_use_is_noted_at_most_once_a_minute() -> None:
    text = make(alice())
    use(text)
    authenticate_token(text, NOW + timedelta(seconds=30))
    assert Token.objects.get().last_used_at == NOW
    authenticate_token(text, NOW + timedelta(seconds=60))
    assert Token.objects.get().last_used_at == NOW + timedelta(seconds=60)


def test_where_nobody_says_how_long_it_lives_for_90_days_or_as_long_as_what_makes_it() -> None:
    make(alice(), name="usual", expires_in=None)
    login = use(make(alice(), name="login", expires_in=30 * DAY, role="admin"))
    make(alice(), name="for CI", by=login, expires_in=None)
    ends = dict(Token.objects.values_list("name", "expires_at"))
    assert (ends["usual"], ends["for CI"]) == (NOW + 90 * DAY, NOW + 30 * DAY)
    with pytest.raises(Forbidden, match="lives longer") as refused:
        make(alice(), name="too long", by=login, expires_in=31 * DAY)
    assert "Settings and tokens" in refused.value.hint


def test_a_token_goes_with_the_one_that_made_it() -> None:
    parent = use(make(bob(), name="parent"))
    child = use(make(bob(), name="child", by=parent))
    grandchild = make(bob(), name="grandchild", by=child)
    other = make(bob(), name="other")
    assert parent.token
    tokens.revoke_token(token=parent.token, by=bob(), now=NOW)
    assert authenticate_token(grandchild, NOW) is None
    assert use(other)
    told = Event.objects.filter(verb="token.revoked").values_list("thing_name", flat=True)
    assert sorted(name.split()[0] for name in told) == ["child", "grandchild", "parent"]


def test_a_new_password_ends_every_token_but_the_one_that_asks() -> None:
    asking = use(make(bob(), name="asking", role="admin"))
    others = make(bob(), name="stolen"), make(bob(), name="made with it", by=asking)
    people.set_password(user=user_of(bob()), password=PASSWORD, by=asking, now=NOW)
    assert [authenticate_token(text, NOW) for text in others] == [None, None]
    assert asking.token
    assert Token.objects.get(pk=asking.token.pk).revoked_at is None


def test_a_token_that_only_looks_revokes_none_that_deploys() -> None:
    looking = use(make(alice(), name="looking", role="viewer"))
    deploying = use(make(alice(), name="deploying"))
    assert deploying.token
    assert looking.token
    with pytest.raises(Forbidden, match="may do more than itself"):
        tokens.revoke_token(token=deploying.token, by=looking, now=NOW)
    tokens.revoke_token(token=looking.token, by=looking, now=NOW)
    tokens.revoke_token(token=deploying.token, by=deploying, now=NOW)
    assert Token.objects.filter(revoked_at=None).count() == 0

"""People come, get a password, and go."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import transaction

from slipway.core.words.names import shown
from slipway.core.words.refusal import Forbidden, Invalid, Refused
from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence
from slipway.records.accounts.models import User
from slipway.records.accounts.operations.tokens import revoke_tokens_of
from slipway.records.accounts.rights import SYSTEM, Actor
from slipway.records.audit.operations import record_of
from slipway.records.rows.texts import checked_text
from slipway.records.rows.writing.uniqueness import refused_if_taken

LANGUAGES = ("", "en", "zh-hans")
THEMES = ("", "light", "dark")
LONGEST_NAME = 64
LONGEST_PASSWORD = 1024  # hashing a megabyte would be a cheap way to keep us busy


class UserExists(Refused):
    """Somebody has that name already."""

    code = "user_exists"


@transaction.atomic
def create_user(
    *, username: str, password: str, by: Actor, now: datetime, is_superuser: bool = False
) -> User:
    """Make a person's account. Raises Invalid, UserExists, Forbidden."""
    by.require(Action.MANAGE_ACCESS)
    if is_superuser:
        _require_root(by)
    user = User(username=_checked_name(username), is_superuser=is_superuser, date_joined=now)
    user.is_staff = is_superuser  # the admin pages are for superusers only
    user.set_password(_checked_password(password, user))
    taken = UserExists(
        "There is a user {username} already.",
        hint="Choose another name, or set a new password for {username}.",
        username=username,
    )
    with refused_if_taken(taken):
        user.save()
    after = {"username": username, "is_superuser": is_superuser}
    record_of("user.created", user, by=by, now=now, after=after)
    return user


@transaction.atomic
def set_password(*, user: User, password: str, by: Actor, now: datetime) -> None:
    """Give a new password; every session of `user` ends, and every token but the one that asks for
    it. Raises Invalid, Forbidden."""
    # A token may be in many hands: it never changes what a person logs in with, unless it may
    # manage everybody's access anyway.
    if by.user is None or by.user.pk != user.pk or by.token is not None:
        by.require(Action.MANAGE_ACCESS)
        _require_rank_over(by, user)
    user.set_password(_checked_password(password, user))
    user.save(update_fields=["password"])
    record_of("user.password_set", user, by=by, now=now)
    revoke_tokens_of(user, by=by, now=now)


@transaction.atomic
def disable_user(*, user: User, by: Actor, now: datetime) -> None:
    """Take every right from `user` at once; their history stays. Raises Forbidden."""
    by.require(Action.MANAGE_ACCESS)
    _require_rank_over(by, user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    record_of("user.disabled", user, by=by, now=now)


@transaction.atomic
def enable_user(*, user: User, by: Actor, now: datetime) -> None:
    """Let somebody in again who was disabled: what they had been given holds again. Raises
    Forbidden."""
    by.require(Action.MANAGE_ACCESS)
    _require_rank_over(by, user)
    user.is_active = True
    user.save(update_fields=["is_active"])
    record_of("user.enabled", user, by=by, now=now)


def set_preferences(user: User, language: str, theme: str) -> None:
    """Remember how `user` likes to read. Raises Invalid for an unknown language or theme."""
    if language not in LANGUAGES or theme not in THEMES:
        raise Invalid(
            "There is no language {language} or no theme {theme}.",
            language=shown(language),
            theme=shown(theme),
        )
    user.language, user.theme = language, theme
    user.save(update_fields=["language", "theme"])


def _checked_name(username: str) -> str:
    checked_text(username, what="user name", limit=LONGEST_NAME)
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError as error:
        raise Invalid(
            "{username} cannot be a user name.",
            hint="Allowed: letters, digits and @ . + - _",
            username=f"“{shown(username)}”",
        ) from error
    if username.casefold() == SYSTEM:
        raise Invalid("{username} is the name of the system itself.", username=username)
    return username


def _checked_password(password: str, user: User) -> str:
    checked_text(password, what="password", limit=LONGEST_PASSWORD)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(
            "This password is too weak: {why}",
            hint="Take at least 10 characters that nobody can guess.",
            why=Sentence.joined(*(_weakness(each) for each in error.error_list)),
        ) from error
    return password


def _weakness(error: ValidationError) -> Sentence:
    least = (error.params or {}).get("min_length")
    match error.code:
        case "password_too_short" if least:
            return Sentence.of("too_short", "It has fewer than {least} characters.", least=least)
        case "password_too_common":
            return Sentence.of("too_common", "Many people use it.")
        case "password_too_similar":
            return Sentence.of("too_similar", "It is too much like the name of its user.")
    return Sentence.of("said", "{text}", text=" ".join(error.messages))


def _require_rank_over(by: Actor, user: User) -> None:
    if user.is_superuser:
        _require_root(by)


def _require_root(by: Actor) -> None:
    if not by.is_root:
        raise Forbidden(
            "{person} is not a superuser.",
            hint="Only a superuser makes, changes and disables superusers.",
            person=by.name,
        )

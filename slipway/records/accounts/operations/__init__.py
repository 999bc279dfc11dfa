"""The only ways to change people, their rights and their tokens."""

from slipway.records.accounts.hashing import TooBusy
from slipway.records.accounts.operations.grants import grant_role, revoke_grant
from slipway.records.accounts.operations.logins import TooManyAttempts, WrongPassword, log_in
from slipway.records.accounts.operations.people import (
    UserExists,
    create_user,
    disable_user,
    set_password,
    set_preferences,
)
from slipway.records.accounts.operations.requests import (
    RequestUnderWay,
    forget_answers,
    remember_answer,
)
from slipway.records.accounts.operations.tokens import TokenExists, create_token, revoke_token

__all__ = [
    "RequestUnderWay",
    "TokenExists",
    "TooBusy",
    "TooManyAttempts",
    "UserExists",
    "WrongPassword",
    "create_token",
    "create_user",
    "disable_user",
    "forget_answers",
    "grant_role",
    "log_in",
    "remember_answer",
    "revoke_grant",
    "revoke_token",
    "set_password",
    "set_preferences",
]

"""A module's world is made once, and new to each of its tests."""

from dataclasses import dataclass, field

import pytest

from slipway.records.accounts.models import User
from tests.standing import made_once

pytestmark = pytest.mark.django_db
MADE: list[str] = []


@dataclass
class Village:
    mayor: User
    said: list[str] = field(default_factory=list)


@made_once
def standing() -> Village:
    MADE.append("village")
    return Village(User.objects.create(username="mayor", password="!"))


@pytest.mark.parametrize("who", ["first", "second"])
def test_what_a_test_did_no_other_finds(world: Village, who: str) -> None:
    assert (world.said, world.mayor.first_name) == ([], "")
    assert list(User.objects.values_list("username", "first_name")) == [("mayor", "")]
    world.said.append(who)
    world.mayor.first_name = who
    world.mayor.save()
    User.objects.create(username=who, password="!")
    assert MADE == ["village"]

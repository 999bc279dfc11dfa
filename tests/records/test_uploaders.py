"""Who may bring versions, and start nothing: what CI needs."""

import pytest

from slipway.core.words.refusal import Forbidden
from slipway.core.words.roles import Action, Role
from slipway.records.accounts.rights import Right
from tests.records.people import person
from tests.records.world import World

pytestmark = pytest.mark.django_db

ONLY = {Action.VIEW, Action.VIEW_HOST, Action.UPLOAD}


def test_an_uploader_brings_versions_and_starts_nothing() -> None:
    world = World(hosts=1)
    una = person("una", (Role.UPLOADER, "billing", ""))
    allowed = {each for each in Action if una.may(each, service="billing", environment="prod")}
    assert allowed == ONLY
    with pytest.raises(Forbidden):
        world.start("deploy", world.version("1.0"), by=una)


@pytest.mark.parametrize("owner", [Role.DEPLOYER, Role.ADMIN])
def test_a_token_of_somebody_who_may_more_only_uploads(owner: Role) -> None:
    token = Right(Role.UPLOADER, "billing", "")
    assert Right(owner, "", "").within(token) == token
    assert Right(Role.VIEWER, "", "").within(token) == Right(Role.VIEWER, "billing", "")

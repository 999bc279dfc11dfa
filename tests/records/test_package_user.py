"""As whom a service runs is the service's choice, also for what is uploaded."""

import pytest

from slipway.core.refusal import Invalid
from tests.records.world import World

pytestmark = pytest.mark.django_db

AS_ROOT = "run: ./bin/billing\nuser: root\n"


def test_an_upload_that_pins_root_is_refused_unless_the_service_says_so() -> None:
    world = World(hosts=1)
    with pytest.raises(Invalid, match="for the service to say"):
        world.version("1.0", spec=AS_ROOT)
    world.service.spec = {"user": "root"}
    assert world.version("1.0", spec=AS_ROOT).pk

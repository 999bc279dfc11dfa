"""What a preview says of why a package stays is what its fate says."""

import pytest

from slipway.core.releasing.retention import Need
from slipway.records.catalog.models import Version
from slipway.records.catalog.operations import versions
from slipway.records.releasing.retention import list_fates, preview_retention
from tests.records.storekeeping import keep
from tests.records.world import World, stored

pytestmark = pytest.mark.django_db


def test_each_version_is_told_of_as_its_fate_says() -> None:
    world = World(hosts=2)
    shop = world.make_service("shop")
    for name in ("0.8", "0.9"):
        world.version(name, shop)
    names = ("0.9", "1.0", "1.1", "1.2", "1.3", "1.4")
    made = {name: world.version(name) for name in names}
    for service, name in ((world.service, "a"), (shop, "b")):
        package = stored("shared")
        versions.take_version(
            service=service, stored=package, name=name, by=world.boss, now=world.clock()
        )
    world.run("deploy", made["1.0"])
    world.run("upgrade", made["1.1"])
    world.start("upgrade", made["1.2"])
    world.version("1.5")
    keep(world, 1)
    why = preview_retention().why(Version.objects.values_list("pk", flat=True))
    named = {(row.service.name, row.name): why[row.pk] for row in Version.objects.all()}
    assert named == {(fate.service, fate.version): fate.need for fate in list_fates()}
    assert {Need.ROLLOUT, Need.ALL, Need.NEWEST, Need.SHARED, None} <= set(named.values())

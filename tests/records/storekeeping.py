"""What a storekeeper does: says how many versions are kept, and lets the others go."""

from slipway.records.accounts.rights import Actor
from slipway.records.catalog.models import Service, Version
from slipway.records.releasing.operations import retention
from slipway.records.releasing.retention import preview_retention
from tests.records.world import World


def keep(world: World, count: int | None, service: Service | None = None) -> None:
    service = service or world.service
    service.keep_versions = count
    service.save(update_fields=["keep_versions"])


def let_all_go(world: World) -> set[str]:
    """What a worker does, without the bytes."""
    gone = set()
    for package_id in preview_retention().package_ids:
        sha256 = retention.let_go(package_id=package_id, by=Actor.system(), now=world.clock())
        if sha256:
            gone.add(sha256)
    return gone


def sha256_of(version: Version) -> str:
    assert version.package is not None
    return version.package.sha256

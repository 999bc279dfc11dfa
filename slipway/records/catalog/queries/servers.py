"""Questions about build servers."""

import uuid

from slipway.core.builds.orders import ServerAccess, ServerKind
from slipway.core.builds.seen import NOT_ISOLATED
from slipway.core.words.names import shown
from slipway.core.words.refusal import NotFound
from slipway.core.words.sentence import Sentence
from slipway.records.catalog.models import BuildServer, ServerCheck
from slipway.records.rows.pages import Page
from slipway.records.rows.texts import is_storable


def list_servers(limit: int = 50, offset: int = 0) -> Page[BuildServer]:
    """Return all build servers, by name."""
    servers = BuildServer.objects.select_related("created_by", "updated_by")
    return Page(servers.order_by("name"), limit, offset)


def get_server(name: str) -> BuildServer:
    """Raises NotFound."""
    found = BuildServer.objects.filter(name=name).first() if is_storable(name) else None
    if found is None:
        raise NotFound("There is no build server {server}.", server=shown(name))
    return found


def get_server_check(check: uuid.UUID) -> ServerCheck:
    """Raises NotFound."""
    found = ServerCheck.objects.select_related("server").filter(pk=check).first()
    if found is None:
        raise NotFound("There is no such check.", hint="Ask for a new one.")
    return found


def list_troubles_of_isolation() -> list[Sentence]:
    """Return what the last test of each build server by command has told of builds that are not
    kept apart."""
    found = {}
    checks = ServerCheck.objects.filter(server__kind=ServerKind.COMMAND, finished_at__isnull=False)
    for check in checks.order_by("finished_at"):
        said = [Sentence.from_json(each["said"]) for each in check.findings if not each["works"]]
        found[check.server_id] = [each for each in said if each.code in NOT_ISOLATED]
    return [each for troubles in found.values() for each in troubles]


def get_access(server: BuildServer) -> ServerAccess:
    """Return all it takes to reach a build server, its credential decrypted: for the worker."""
    return ServerAccess(
        name=server.name,
        kind=ServerKind(server.kind),
        base_url=server.base_url,
        username=server.username,
        credential=server.credential,
        ca_certificate=server.ca_certificate,
        proxy=server.proxy,
        package_bases=tuple(server.package_bases),
    )

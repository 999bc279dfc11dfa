"""A database that keeps one secret of each kind, made and read by processes of their own."""

from tests.security.servers import Server

SECRETS = ("key-of-alice", "credential-of-gitlab", "secret-of-gitlab", "secret-of-billing")

# All tables as they are now: to come to them by every migration takes ten times as long.
_TABLES = """
from uuid import uuid4
from django.conf import settings
from django.core.management import call_command
from slipway.project.installation import key_file
from slipway.records.rollouts.models import Installation
class Nowhere(dict):
    def __contains__(self, app): return True
    def __getitem__(self, app): return None
settings.MIGRATION_MODULES = Nowhere()
call_command("migrate", run_syncdb=True, verbosity=0)
settings.MIGRATION_MODULES = {}
call_command("migrate", fake=True, verbosity=0)
Installation.objects.create(pk=1, name=uuid4().hex)
key_file.settle()
"""
_MAKE = """
from datetime import UTC, datetime
from slipway.records.catalog.models import BuildServer, Service
from slipway.records.fleet.models import SshKey
now = datetime.now(UTC)
at = {"created_at": now}
both = {"created_at": now, "updated_at": now}
SshKey.objects.create(name="default", private_key="key-of-alice", public_key="ssh-ed25519 A", **at)
server = BuildServer.objects.create(
    name="gitlab", kind="gitlab", base_url="https://gitlab.test", credential="credential-of-gitlab",
    hook_secret="secret-of-gitlab", **both)
Service.objects.create(name="billing", language="go", hook_secret="secret-of-billing", **both)
Service.objects.create(name="shop", language="go", **both)
"""
_READ = """
from slipway.records.catalog.models import BuildServer, Service
from slipway.records.fleet.models import SshKey
server = BuildServer.objects.get()
print(SshKey.objects.get().private_key, server.credential, server.hook_secret,
      Service.objects.get(name="billing").hook_secret, sep="\\n")
"""


def make_tables(server: Server) -> None:
    server.script(_TABLES)


def make_secrets(server: Server) -> None:
    make_tables(server)
    server.script(_MAKE)


def read_secrets(server: Server) -> tuple[str, ...]:
    return tuple(server.script(_READ).split("\n")[:-1])

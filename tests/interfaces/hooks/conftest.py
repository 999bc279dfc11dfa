"""Three build servers, and who is built by which."""

import pytest
from django.utils import timezone

from slipway.records.accounts.rights import Actor
from slipway.records.catalog.operations import services
from slipway.records.catalog.operations.servers import create_server
from slipway.records.catalog.queries.services import get_service
from tests.interfaces.hooks.senders import HTTP_URL, SECRET, SERVERS_SECRET

SERVERS = {
    "gitlab": {"base_url": "https://gitlab.example.com", "hook_secret": SERVERS_SECRET},
    "jenkins": {"base_url": "https://jenkins.example.com"},
    "command": {},
}


@pytest.fixture(autouse=True)
def servers(company: None) -> None:
    """One of each kind; only GitLab's has a secret of its own."""
    make_servers()


def make_servers() -> None:
    """Write the build servers down; for tests that have a database of their own kind."""
    for kind, fields in SERVERS.items():
        create_server(name=kind, kind=kind, by=Actor.system(), now=timezone.now(), **fields)


def built_by(kind: str, project: str, service: str = "billing", **more: object) -> None:
    """Let a service be built, and its refs main and release/* be taken."""
    changes = {
        "build_server": kind,
        "build_project": project,
        "build": {"refs": ["main", "release/*"]},
        "hook_secret": SECRET,
        **more,
    }
    services.change_service(
        service=get_service(service),
        changes=changes,
        by=Actor.system(),
        now=timezone.now(),
    )


@pytest.fixture
def by_command() -> None:
    built_by("command", HTTP_URL)


@pytest.fixture
def by_gitlab() -> None:
    built_by("gitlab", "15")


@pytest.fixture
def by_jenkins() -> None:
    built_by("jenkins", "team/billing")

"""A company with a web server that a browser can visit."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from django.db import connections
from playwright.sync_api import Page

from slipway.project.asgi import application
from slipway.records.accounts.rights import Actor
from tests.interfaces.conftest import make_company
from tests.interfaces.people import PASSWORD, Person, person
from tests.interfaces.web import fleet

V1, V2 = "20261120T101502-main-1111111", "20261123T101502-main-2222222"
DEADLINE = 30  # seconds


def found_company() -> Person:
    """billing runs V1 on web-1 and web-2 in prod, V2 is ready; returns Alice, who deploys it."""
    make_company()
    fleet.reach_hosts("web-1", "web-2", "dev-1")
    fleet.make_version("billing", V1)
    fleet.make_version("billing", V2)
    fleet.run(Actor.system(), "deploy", "billing", "prod", V1, hosts=("web-1", "web-2"), port=8080)
    return person("alice", ("deployer", "billing", ""))


@contextmanager
def web_server() -> Iterator[str]:
    """Serve the real application from this process; yields its address."""
    config = uvicorn.Config(
        application,
        host="127.0.0.1",
        port=0,
        log_config=None,
        lifespan="off",
        timeout_graceful_shutdown=10,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="web")
    thread.start()
    try:
        until = time.monotonic() + DEADLINE
        while not server.started:
            assert thread.is_alive(), "the web server ended"
            assert time.monotonic() < until, "the web server did not start in time"
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(DEADLINE)
        connections.close_all()


@contextmanager
def signed_in(page: Page, name: str = "alice") -> Iterator[str]:
    """Serve the site, and sign somebody in; yields its address."""
    with web_server() as address:
        sign_in(page, address, name)
        yield address
        page.goto("about:blank")


def sign_in(page: Page, address: str, name: str = "alice") -> None:
    page.goto(f"{address}/login")
    page.fill("#username", name)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")

"""Slipway as its administrator has it, before a browser: real processes, and hosts that are reached
by SSH, on the kind of database that this run is on."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from playwright.sync_api import Page, expect

from tests.acceptance.town import Town
from tests.first_start import make_migrated

SOON = 60_000  # milliseconds, beside whatever else this machine does


class EmptyTown(Town):
    """Its hosts are up, its web process and worker too, and nobody told Slipway of anything."""

    def __init__(self, folder: Path, hosts: int) -> None:
        super().__init__(folder, None, hosts)
        if server := os.environ.get("SLIPWAY_DATABASE_URL"):
            own = make_migrated(server, f"town_{secrets.token_hex(6)}")
            self._environment["SLIPWAY_DATABASE_URL"] = own

    @property
    def address(self) -> str:
        return str(self.api.base_url).removesuffix("/api/v1/")

    @property
    def password(self) -> str:
        return (self.folder / "data" / "admin-password").read_text().strip()

    @property
    def private_key(self) -> str:
        return self._key

    def _furnish(self) -> None:
        self.start_worker()


Of = TypeVar("Of", bound=EmptyTown)


@contextmanager
def opened(town: Of) -> Iterator[Of]:
    try:
        town.open()
        yield town
    finally:
        town.close()


def sign_in_as_admin(page: Page, town: EmptyTown) -> None:
    """Show home, as the first admin sees it after signing in."""
    page.set_default_timeout(SOON)
    expect.set_options(timeout=SOON)
    page.goto(f"{town.address}/login")
    page.fill("#username", "admin")
    page.fill("#password", town.password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{town.address}/")
